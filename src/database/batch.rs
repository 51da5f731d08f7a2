//! Request batching: queries of one kind that arrive while another is in flight are collected and
//! sent as a single statement.
//!
//! The round trip is most of what a small statement costs. A query runs at once if no other of its
//! kind is in flight; under load, batches grow. Nothing is cached: each query runs in a
//! statement that starts after the query arrived.

use std::{
    mem, slice,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{self, oneshot},
    time::timeout,
};

use super::error::DatabaseError;

/// Most queries in a statement.
const MAX_BATCH_SIZE: usize = 64;
/// Longest time to collect queries, which limits the delay by a slow statement in flight.
const MAX_WAIT: Duration = Duration::from_millis(2);

/// Longest wait of a batched statement for a row lock. Beyond it, its queries run alone: one locked
/// row delays the other queries by no more.
const MAX_LOCK_WAIT: &str = "700ms";

/// The `lock_timeout` of a statement for `count` queries, for `set_config`. Statements set it for
/// their own transaction, since a statement of its own would be another round trip.
pub(crate) fn lock_timeout(count: usize) -> &'static str {
    // A single query may wait as long as any statement.
    if count > 1 { MAX_LOCK_WAIT } else { "0" }
}

/// A query that can run in one statement with others of its kind.
pub(crate) trait BatchQuery: Send + Sync + Sized + 'static {
    /// The result of one query.
    type Output: Send + 'static;
    /// The database that runs the statement; a cheap clone.
    type Context: Clone + Send + Sync + 'static;

    /// Whether the statement takes row locks, so that one query may delay the others.
    const TAKES_ROW_LOCKS: bool = true;

    /// Runs all `queries` in one statement and returns their results in the same order.
    /// `is_retry`: the (single) query was in a failed batch, which may have been committed.
    fn execute(
        context: &Self::Context,
        queries: &[Self],
        is_retry: bool,
    ) -> impl Future<Output = Result<Vec<Self::Output>, DatabaseError>> + Send;
}

/// Queries of one kind that wait for the statement in flight.
pub(crate) struct BatchQueue<Q: BatchQuery> {
    pending: Mutex<Vec<Pending<Q>>>,
    /// Locked while a statement is in flight.
    in_flight: sync::Mutex<()>,
}

type Pending<Q> = (Q, oneshot::Sender<Reply<Q>>);

/// The result of a query in a batch.
enum Reply<Q: BatchQuery> {
    Done(Result<Q::Output, DatabaseError>),
    /// The batch failed, possibly because of another query.
    RetryAlone(Q),
}

impl<Q: BatchQuery> Default for BatchQueue<Q> {
    fn default() -> Self {
        Self { pending: Mutex::default(), in_flight: sync::Mutex::default() }
    }
}

impl<Q: BatchQuery> BatchQueue<Q> {
    /// Runs `query`, alone or in a batch. Errors of other queries in the batch are not passed on,
    /// unless Postgres is unavailable.
    pub async fn execute(
        self: &Arc<Self>,
        context: &Q::Context,
        query: Q,
    ) -> Result<Q::Output, DatabaseError> {
        if let Ok(_in_flight) = self.in_flight.try_lock() {
            return execute_one(context, &query, false).await;
        }
        let (sender, reply) = oneshot::channel();
        if self.push((query, sender)) {
            // A task of its own, since the caller may be cancelled.
            let (queue, context) = (Arc::clone(self), context.clone());
            tokio::spawn(async move { queue.flush(&context).await });
        }
        match reply.await {
            Ok(Reply::Done(result)) => result,
            Ok(Reply::RetryAlone(query)) => execute_one(context, &query, true).await,
            Err(_) => Err(DatabaseError::Batch("a batched statement was aborted")),
        }
    }

    fn pending(&self) -> MutexGuard<'_, Vec<Pending<Q>>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a query; `true` if it is the first of a batch, which the caller has to flush.
    fn push(&self, query: Pending<Q>) -> bool {
        let mut pending = self.pending();
        pending.push(query);
        pending.len() % MAX_BATCH_SIZE == 1
    }

    /// Removes the queries that have waited longest.
    fn take(&self) -> Vec<Pending<Q>> {
        let mut pending = self.pending();
        let count = pending.len().min(MAX_BATCH_SIZE);
        let rest = pending.split_off(count);
        mem::replace(&mut *pending, rest)
    }

    /// Waits for the statement in flight, then runs the queries collected until then.
    async fn flush(&self, context: &Q::Context) {
        let in_flight = timeout(MAX_WAIT, self.in_flight.lock()).await;
        let (queries, senders): (Vec<_>, Vec<_>) = self.take().into_iter().unzip();
        if queries.is_empty() {
            return;
        }
        let result = Q::execute(context, &queries, false).await;
        drop(in_flight);
        // Sending fails if the caller was cancelled, which is fine.
        match result {
            Ok(outputs) => {
                for (sender, output) in senders.into_iter().zip(outputs) {
                    let _ = sender.send(Reply::Done(Ok(output)));
                }
            }
            Err(DatabaseError::Unavailable(reason)) if !Q::TAKES_ROW_LOCKS => {
                for sender in senders {
                    let error = DatabaseError::Unavailable(reason.clone());
                    let _ = sender.send(Reply::Done(Err(error)));
                }
            }
            // One query may be at fault or wait for a row lock; the others must not suffer.
            Err(_) => {
                for (query, sender) in queries.into_iter().zip(senders) {
                    let _ = sender.send(Reply::RetryAlone(query));
                }
            }
        }
    }
}

async fn execute_one<Q: BatchQuery>(
    context: &Q::Context,
    query: &Q,
    is_retry: bool,
) -> Result<Q::Output, DatabaseError> {
    let outputs = Q::execute(context, slice::from_ref(query), is_retry).await?;
    let output = outputs.into_iter().next();
    output.ok_or(DatabaseError::Batch("a batched statement gave no result"))
}

/// Orders the outputs of `count` queries by their numbers, from 1; `None` where a row is missing.
pub(crate) fn in_request_order<T>(
    count: usize,
    rows: impl IntoIterator<Item = (i64, T)>,
) -> Vec<Option<T>> {
    let mut outputs: Vec<_> = (0..count).map(|_| None).collect();
    for (number, output) in rows {
        let index = usize::try_from(number - 1).ok();
        if let Some(slot) = index.and_then(|index| outputs.get_mut(index)) {
            *slot = Some(output);
        }
    }
    outputs
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;
    use tokio::{
        sync::Semaphore,
        task::{JoinHandle, yield_now},
    };

    use super::*;

    type Task = JoinHandle<Result<i32, DatabaseError>>;

    /// The numbers of a batch, and whether it is a retry.
    type Batch = (Vec<i32>, bool);

    /// A fake database: records its batches, and runs as many as it has permits.
    #[derive(Clone)]
    struct Fake {
        permits: Arc<Semaphore>,
        batches: Arc<Mutex<Vec<Batch>>>,
    }

    impl Fake {
        fn new() -> Self {
            Self { permits: Arc::new(Semaphore::new(0)), batches: Arc::default() }
        }

        fn batches(&self) -> Vec<Batch> {
            self.batches.lock().expect("not poisoned").clone()
        }

        async fn run(&self, batch: Vec<i32>, is_retry: bool) -> Result<Vec<i32>, DatabaseError> {
            let permit = self.permits.acquire().await.expect("not closed");
            permit.forget();
            self.batches.lock().expect("not poisoned").push((batch.clone(), is_retry));
            if batch.contains(&BAD) {
                return Err(DatabaseError::Query(sqlx::Error::RowNotFound));
            }
            Ok(batch.iter().map(|number| number * 10).collect())
        }
    }

    /// A query that fails.
    const BAD: i32 = 13;

    struct Number(i32);

    impl BatchQuery for Number {
        type Output = i32;
        type Context = Fake;

        async fn execute(
            context: &Fake,
            queries: &[Self],
            is_retry: bool,
        ) -> Result<Vec<i32>, DatabaseError> {
            let batch = queries.iter().map(|number| number.0).collect();
            context.run(batch, is_retry).await
        }
    }

    /// Spawns the queries in order, each once the one before is in flight or pending. The clock is
    /// paused: none waits for so long that it runs alone.
    async fn spawn_all(fake: &Fake, numbers: impl IntoIterator<Item = i32>) -> Vec<Task> {
        let queue = Arc::new(BatchQueue::default());
        let mut tasks = Vec::new();
        for number in numbers {
            let (queue, fake) = (Arc::clone(&queue), fake.clone());
            let query = async move { queue.execute(&fake, Number(number)).await };
            tasks.push(tokio::spawn(query));
            yield_now().await;
        }
        tasks
    }

    async fn outputs(tasks: Vec<Task>) -> Vec<Option<i32>> {
        let results = join_all(tasks).await.into_iter();
        results.map(|result| result.expect("no panic").ok()).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn queries_are_batched_while_one_is_in_flight() {
        let fake = Fake::new();
        let tasks = spawn_all(&fake, 1..=4).await;
        fake.permits.add_permits(2);
        assert_eq!(outputs(tasks).await, [10, 20, 30, 40].map(Some));
        let batches = fake.batches();
        assert_eq!(batches, [(vec![1], false), (vec![2, 3, 4], false)]);
    }

    #[tokio::test(start_paused = true)]
    async fn batch_has_a_maximum_size() {
        let fake = Fake::new();
        let tasks = spawn_all(&fake, 100..=200).await;
        fake.permits.add_permits(3);
        assert_eq!(outputs(tasks).await.len(), 101);
        let mut sizes: Vec<usize> = fake.batches().iter().map(|batch| batch.0.len()).collect();
        sizes.sort_unstable();
        assert_eq!(sizes, [1, 36, 64]);
    }

    #[tokio::test(start_paused = true)]
    async fn queries_of_a_failed_batch_are_retried_alone() {
        let fake = Fake::new();
        let tasks = spawn_all(&fake, [1, 2, BAD, 3]).await;
        fake.permits.add_permits(5);
        assert_eq!(outputs(tasks).await, [Some(10), Some(20), None, Some(30)]);
        let mut batches = fake.batches();
        batches.sort();
        let alone = [1, 2, 3, BAD].map(|number| (vec![number], number != 1));
        assert_eq!(batches.len(), 5);
        assert!(batches.contains(&(vec![2, BAD, 3], false)));
        assert!(alone.iter().all(|batch| batches.contains(batch)), "{batches:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn cancelled_caller_does_not_abort_the_batch() {
        let fake = Fake::new();
        let mut tasks = spawn_all(&fake, 1..=3).await;
        tasks.remove(1).abort();
        fake.permits.add_permits(2);
        assert_eq!(outputs(tasks).await, [10, 30].map(Some));
        assert_eq!(fake.batches().last(), Some(&(vec![2, 3], false)));
    }

    #[test]
    fn rows_are_ordered_by_request_number() {
        let rows = [(3, 'c'), (1, 'a'), (0, 'x'), (9, 'y')];
        assert_eq!(in_request_order(3, rows), [Some('a'), None, Some('c')]);
    }
}
