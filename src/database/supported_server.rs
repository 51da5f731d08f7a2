//! Which servers and databases the program runs on.

use sqlx::PgConnection;

use super::connect_error::ConnectError;

/// The oldest supported server, as `server_version_num`.
const MIN_SERVER_VERSION: i32 = 140_000;

/// Fails on a server or a database that the program is not made for, before anything is changed.
pub(super) async fn check_server(
    connection: &mut PgConnection,
) -> Result<Result<(), ConnectError>, sqlx::Error> {
    let server = sqlx::query!(
        r#"
        SELECT current_setting('server_version_num')::integer AS "number!",
            current_setting('server_version') AS "version!",
            current_setting('server_encoding') AS "encoding!",
            current_database()::text AS "database!"
        "#
    )
    .fetch_one(connection)
    .await?;
    if server.number < MIN_SERVER_VERSION {
        return Ok(Err(ConnectError::UnsupportedVersion(server.version)));
    }
    if server.encoding != "UTF8" {
        let (database, encoding) = (server.database, server.encoding);
        return Ok(Err(ConnectError::Encoding { database, encoding }));
    }
    Ok(Ok(()))
}
