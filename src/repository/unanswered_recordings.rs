//! Recordings that the coach could not answer, kept in the session's row. Turns read them with
//! their lease, and clear them when they are stored.

use sqlx::types::Json;

use super::{DatabaseService, Lease, RepositoryError};
use crate::domain::{SessionId, UnansweredRecording, UnansweredRecordings, Viewer};

impl DatabaseService {
    /// Keeps a recording behind the others of its session; one that is kept already stays as it
    /// is. Counts as activity of the session.
    ///
    /// False, with nothing changed, if the viewer may see no such session, it has ended, or `lease`
    /// is not the lease of its turn (any more).
    pub async fn keep_unanswered_recording(
        &self,
        viewer: Viewer,
        id: &SessionId,
        lease: &Lease,
        recording: &UnansweredRecording,
    ) -> Result<bool, RepositoryError> {
        let session = self.session_key(id).await?;
        let added = Json(UnansweredRecordings::from(recording.clone()));
        let database = self.database_of(session.uuid()).await?;
        let kept = database
            .retry_idempotent(|pool| {
                let added = &added;
                pool.with_connection(async move |connection| {
                    sqlx::query!(
                        r#"
                        UPDATE public.sessions
                        SET updated_at = now(),
                            unanswered_recordings = CASE
                                WHEN EXISTS (
                                    SELECT FROM jsonb_array_elements(unanswered_recordings) AS kept
                                    WHERE kept ->> 'fingerprint' = $4
                                )
                                THEN unanswered_recordings
                                ELSE unanswered_recordings || $3::jsonb
                            END
                        WHERE id = $1 AND turn_claim = $2 AND status = 'active'
                          AND ($5 OR user_id IS NULL OR user_id = $6)
                        "#,
                        session.uuid(),
                        lease.id(),
                        added as _,
                        recording.fingerprint,
                        viewer.is_service(),
                        viewer.user_id(),
                    )
                    .execute(connection)
                    .await
                })
            })
            .await?;
        Ok(kept.rows_affected() == 1)
    }
}
