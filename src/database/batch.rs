//! Statements for many: what is asked while a statement of its kind is on its way is gathered, and goes out as one.
//!
//! Most of what a small statement costs Postgres and us is its way there and back. A question that comes alone goes alone and at once;
//! under load the batches grow with it. Nothing is kept: each question is answered by a statement that began after it was asked.

use std::{
    mem, slice,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{self, oneshot},
    time::timeout,
};

use super::RepositoryError;
use crate::repository::DatabaseService;

/// Most questions in a statement.
const MOST: usize = 64;
/// Longest time to gather: a database that is far away, or busy with another batch for long, holds nobody up.
const PATIENCE: Duration = Duration::from_millis(2);

/// A question that can be put to Postgres together with others of its kind.
pub(crate) trait BatchQuery: Send + Sync + Sized + 'static {
    /// What one of them is answered.
    type Answer: Send + 'static;

    /// Whether one of them may have to wait for somebody else's transaction, and with it all others in its statement.
    const LOCKS: bool = true;

    /// Those of the kind that wait.
    fn batch(db: &DatabaseService) -> &BatchQueue<Self>;

    /// Whether it may not be asked together with others.
    fn goes_alone(&self) -> bool {
        false
    }

    /// Asks all of them in one statement, and gives their answers in their order. `again` tells of a single one that it was in a statement
    /// for many that failed, and may have been carried out.
    fn ask(
        db: &DatabaseService,
        questions: &[Self],
        again: bool,
    ) -> impl Future<Output = Result<Vec<Self::Answer>, RepositoryError>> + Send;
}

/// Questions of a kind that wait for the one statement on its way.
pub(crate) struct BatchQueue<Q: BatchQuery> {
    waiting: Mutex<Vec<Waiting<Q>>>,
    /// Held by the statement on its way.
    lane: sync::Mutex<()>,
}

type Waiting<Q> = (Q, oneshot::Sender<Outcome<Q>>);

/// What came of a question in a statement for many.
enum Outcome<Q: BatchQuery> {
    Answered(Result<Q::Answer, RepositoryError>),
    /// The statement failed, and the fault may be in one of the others.
    GoAlone(Q),
}

impl<Q: BatchQuery> Default for BatchQueue<Q> {
    fn default() -> Self {
        Self {
            waiting: Mutex::default(),
            lane: sync::Mutex::default(),
        }
    }
}

impl<Q: BatchQuery> BatchQueue<Q> {
    fn waiting(&self) -> MutexGuard<'_, Vec<Waiting<Q>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds one; `true` if it is the first of a statement, which somebody has to send.
    fn add(&self, one: Waiting<Q>) -> bool {
        let mut waiting = self.waiting();
        waiting.push(one);
        waiting.len() % MOST == 1
    }

    /// Takes those that waited longest.
    fn take(&self) -> Vec<Waiting<Q>> {
        let mut waiting = self.waiting();
        let count = waiting.len().min(MOST);
        let rest = waiting.split_off(count);
        mem::replace(&mut *waiting, rest)
    }
}

impl DatabaseService {
    /// The answer to `question`, asked alone or with others.
    ///
    /// # Errors
    /// What asking fails with. Nobody else's question makes this one fail where Postgres can be reached.
    pub(crate) async fn batched<Q: BatchQuery>(
        &self,
        question: Q,
    ) -> Result<Q::Answer, RepositoryError> {
        if question.goes_alone() {
            return self.ask_alone(&question, false).await;
        }
        let batch = Q::batch(self);
        if let Ok(_lane) = batch.lane.try_lock() {
            return self.ask_alone(&question, false).await;
        }
        let (sender, outcome) = oneshot::channel();
        if batch.add((question, sender)) {
            let db = self.clone();
            tokio::spawn(async move { db.send_batch::<Q>().await });
        }
        match outcome.await {
            Ok(Outcome::Answered(answer)) => answer,
            Ok(Outcome::GoAlone(question)) => self.ask_alone(&question, true).await,
            Err(_) => Err(RepositoryError::Unexpected(
                "a statement for many broke off".into(),
            )),
        }
    }

    /// Waits for the statement on its way, and asks for whoever has come until then.
    async fn send_batch<Q: BatchQuery>(&self) {
        let batch = Q::batch(self);
        let lane = timeout(PATIENCE, batch.lane.lock()).await;
        let (questions, senders): (Vec<_>, Vec<_>) = batch.take().into_iter().unzip();
        if questions.is_empty() {
            return;
        }
        let asked = Q::ask(self, &questions, false).await;
        drop(lane);
        // Whoever has hung up needs no answer.
        match asked {
            Ok(answers) => {
                for (sender, answer) in senders.into_iter().zip(answers) {
                    let _ = sender.send(Outcome::Answered(Ok(answer)));
                }
            }
            Err(RepositoryError::Unavailable(error)) if !Q::LOCKS => {
                for sender in senders {
                    let failed = Err(RepositoryError::Unavailable(error.clone()));
                    let _ = sender.send(Outcome::Answered(failed));
                }
            }
            // One of them may be at fault, or waits for a lock: nobody else has to suffer for it.
            Err(_) => {
                for (question, sender) in questions.into_iter().zip(senders) {
                    let _ = sender.send(Outcome::GoAlone(question));
                }
            }
        }
    }

    async fn ask_alone<Q: BatchQuery>(
        &self,
        question: &Q,
        again: bool,
    ) -> Result<Q::Answer, RepositoryError> {
        let answer = Q::ask(self, slice::from_ref(question), again)
            .await?
            .into_iter()
            .next();
        answer
            .ok_or_else(|| RepositoryError::Unexpected("a statement for many left one out".into()))
    }
}

/// The answers to `count` questions from rows that name the number of theirs, from 1; `None` where there is no row.
pub(crate) fn in_request_order<A>(
    count: usize,
    rows: impl IntoIterator<Item = (i64, A)>,
) -> Vec<Option<A>> {
    let mut answers: Vec<_> = (0..count).map(|_| None).collect();
    for (number, answer) in rows {
        if let Some(place) = usize::try_from(number - 1)
            .ok()
            .and_then(|index| answers.get_mut(index))
        {
            *place = Some(answer);
        }
    }
    answers
}
