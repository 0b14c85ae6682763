//! Running what waits in the queue, and what is scheduled.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use futures::FutureExt;
use kernel::Hub;
use sea_orm::sea_query::{Expr, ExprTrait, Func, Query, SelectStatement};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use store::StoreError;

use crate::entity::{job, schedule};
use crate::{BELL, Job, JobError, Stop};

/// How long a claim holds without renewal; a job of a dead hub is claimed anew after it.
pub const CLAIM: Duration = Duration::from_secs(7);
/// The safety net below the bell, and the step of the schedule.
const POLL: Duration = Duration::from_secs(1);
/// Jobs that run at a time.
const AT_ONCE: usize = 4;
/// How often another hub may be quicker before this one waits.
const LOST_RACES: usize = 8;

/// Runs jobs.
pub struct Runner {
    hub: Hub,
    jobs: HashMap<&'static str, Arc<dyn Job>>,
    /// Jobs that run here now: whatever the clock says, they are not claimed a second time.
    running: Mutex<HashSet<i64>>,
}

impl Runner {
    /// A runner for these jobs.
    pub fn new(hub: Hub, jobs: Vec<Arc<dyn Job>>) -> Self {
        Self { hub, jobs: jobs.into_iter().map(|job| (job.name(), job)).collect(), running: Mutex::default() }
    }

    fn running(&self) -> MutexGuard<'_, HashSet<i64>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs jobs until `stop`; the ones that run then are finished first.
    pub async fn run(self: Arc<Self>, stop: Stop) {
        let mut bell = self.hub.store.bell(BELL);
        let mut running = tokio::task::JoinSet::new();
        let mut looked: Option<Instant> = None;
        while !stop.is_cancelled() {
            bell.mark_unchanged();
            if looked.is_none_or(|at| at.elapsed() >= POLL) {
                looked = Some(Instant::now());
                if let Err(error) = self.schedule_due().await {
                    tracing::error!(%error, "the schedule waits for the database");
                }
            }
            while running.len() < AT_ONCE {
                match self.claim().await {
                    Ok(Some(row)) => {
                        let runner = self.clone();
                        running.spawn(async move { runner.work(row).await });
                    }
                    Ok(None) => break,
                    Err(error) => {
                        tracing::error!(%error, "the job queue waits for the database");
                        break;
                    }
                }
            }
            tokio::select! {
                () = stop.cancelled() => {}
                _ = running.join_next(), if !running.is_empty() => {}
                _ = bell.changed(), if running.len() < AT_ONCE => {}
                () = tokio::time::sleep(POLL) => {}
            }
        }
        while running.join_next().await.is_some() {}
    }

    /// Runs what is due now until nothing is; how many jobs ran. For tests and the command line.
    pub async fn settle(&self) -> Result<u64, StoreError> {
        self.schedule_due().await?;
        let mut ran = 0;
        while let Some(row) = self.claim().await? {
            self.work(row).await;
            ran += 1;
        }
        Ok(ran)
    }

    /// Enqueues every scheduled job whose time has come.
    async fn schedule_due(&self) -> Result<(), StoreError> {
        let now = self.hub.now();
        let rows = schedule::Entity::find().all(&self.hub.store.read()).await?;
        let mut planned: HashMap<String, schedule::Model> =
            rows.into_iter().map(|row| (row.name.clone(), row)).collect();
        for (name, job) in &self.jobs {
            let Some(every) = job.every() else { continue };
            let known = planned.remove(*name);
            // A time beyond the next step was written by a clock that has been set back since.
            if known.as_ref().is_some_and(|row| row.next_at > now && row.next_at <= now + every.0) {
                continue;
            }
            let tx = self.hub.store.write().await?;
            let next = now + every.0;
            match known {
                None => {
                    let row = schedule::ActiveModel { name: Set((*name).into()), next_at: Set(next) };
                    schedule::Entity::insert(row).on_conflict_do_nothing().exec(&tx).await?;
                }
                Some(row) => {
                    let moved = schedule::Entity::update_many()
                        .col_expr(schedule::Column::NextAt, Expr::value(next))
                        .filter(schedule::Column::Name.eq(*name))
                        .filter(schedule::Column::NextAt.eq(row.next_at))
                        .exec(&tx)
                        .await?;
                    if moved.rows_affected == 0 {
                        continue;
                    }
                }
            }
            crate::enqueue(&tx, name, "schedule", serde_json::Value::Null).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Takes the next due job that this runner knows. Where others are quicker again and again, it leaves the field to
    /// them until the next step.
    async fn claim(&self) -> Result<Option<job::Model>, StoreError> {
        let mut lost = vec![];
        for _ in 0..LOST_RACES {
            let now = self.hub.now();
            let found: Option<job::Model> = job::Entity::find()
                .filter(self.due(now))
                .filter(job::Column::Id.is_not_in(lost.iter().copied()))
                .order_by_asc(job::Column::RunAt)
                .limit(1)
                .one(&self.hub.store.read())
                .await?;
            let Some(row) = found else { return Ok(None) };
            if self.take(row.id, now).await? {
                self.running().insert(row.id);
                return Ok(Some(row));
            }
            lost.push(row.id);
        }
        Ok(None)
    }

    /// What may be claimed now.
    fn due(&self, now: DateTime<Utc>) -> Condition {
        let left_behind = Condition::all().add(job::Column::State.eq("running")).add(job::Column::ClaimedUntil.lt(now));
        let mut free = Condition::any().add(job::Column::State.eq("waiting"));
        if self.hub.clock.is_settled() {
            free = free.add(left_behind);
        }
        Condition::all()
            .add(job::Column::Name.is_in(self.jobs.keys().copied()))
            .add(job::Column::RunAt.lte(now))
            .add(job::Column::Id.is_not_in(self.running().iter().copied()))
            .add(free)
            .add(Expr::exists(another_of_its_key()).not())
    }

    /// Writes this node into a job that is due; false when another hub was quicker, with it or with one of its key.
    async fn take(&self, id: i64, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let tx = self.hub.store.write().await?;
        let taken = job::Entity::update_many()
            .col_expr(job::Column::State, Expr::value("running"))
            .col_expr(job::Column::WaitingKey, Expr::value(Option::<String>::None))
            .col_expr(job::Column::Key, key_of_any_age())
            .col_expr(job::Column::Tries, Expr::col(job::Column::Tries).add(1))
            .col_expr(job::Column::ClaimedUntil, Expr::value(now + CLAIM))
            .col_expr(job::Column::ClaimedBy, Expr::value(&self.hub.settings.node))
            .filter(job::Column::Id.eq(id))
            .filter(self.due(now))
            .exec(&tx)
            .await;
        match taken {
            Ok(taken) => tx.commit().await.map(|()| taken.rows_affected == 1),
            Err(error) if store::unique_violation(&error) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    async fn work(&self, row: job::Model) {
        let id = row.id;
        self.carry_out(row).await;
        self.running().remove(&id);
    }

    async fn carry_out(&self, row: job::Model) {
        let Some(job) = self.jobs.get(row.name.as_str()) else { return };
        let payload = serde_json::from_str(&row.payload).unwrap_or_default();
        let outcome = tokio::select! {
            outcome = std::panic::AssertUnwindSafe(job.run(&self.hub, payload)).catch_unwind() => {
                outcome.unwrap_or_else(|_| Err(JobError::Fail("It panicked; the log has the place.".into())))
            }
            () = self.renew(row.id) => {
                tracing::warn!(job = row.name, "another hub took a job over; it is given up here");
                return;
            }
        };
        let tries = row.tries + 1;
        let end = match outcome {
            Ok(()) => self.done(row.id).await,
            Err(JobError::Retry(reason)) if tries < job.tries() => {
                tracing::warn!(job = row.name, tries, %reason, "a job will be tried again");
                let pause = chrono::Duration::seconds(Ord::min(2_i64.pow(tries.clamp(0, 12) as u32), 3600));
                self.put_back(row.id, "waiting", pause, &reason).await
            }
            Err(JobError::Retry(reason) | JobError::Fail(reason)) => {
                tracing::error!(job = row.name, tries, %reason, "a job failed");
                self.put_back(row.id, "failed", chrono::Duration::zero(), &reason).await
            }
        };
        if let Err(error) = end {
            tracing::error!(job = row.name, %error, "a job's end could not be noted; it will run again");
        }
    }

    /// Renews the claim on a job again and again; ends when another hub has it.
    async fn renew(&self, id: i64) {
        loop {
            tokio::time::sleep(CLAIM / 4).await;
            let renewed = async {
                let tx = self.hub.store.write().await?;
                let renewed = job::Entity::update_many()
                    .col_expr(job::Column::ClaimedUntil, Expr::value(self.hub.now() + CLAIM))
                    .filter(job::Column::Id.eq(id))
                    .filter(job::Column::ClaimedBy.eq(&self.hub.settings.node))
                    .exec(&tx)
                    .await?;
                tx.commit().await?;
                Ok::<_, StoreError>(renewed.rows_affected)
            };
            match renewed.await {
                Ok(0) => return,
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "a job's claim could not be renewed"),
            }
        }
    }

    async fn done(&self, id: i64) -> Result<(), StoreError> {
        let tx = self.hub.store.write().await?;
        // A hub that was silent for too long may come to an end that another one is still working for.
        job::Entity::delete_by_id(id).filter(job::Column::ClaimedBy.eq(&self.hub.settings.node)).exec(&tx).await?;
        tx.commit().await
    }

    async fn put_back(&self, id: i64, state: &str, pause: chrono::Duration, reason: &str) -> Result<(), StoreError> {
        let tx = self.hub.store.write().await?;
        job::Entity::update_many()
            .col_expr(job::Column::State, Expr::value(state))
            .col_expr(job::Column::RunAt, Expr::value(self.hub.now() + pause))
            .col_expr(job::Column::Error, Expr::value(reason))
            .filter(job::Column::Id.eq(id))
            .filter(job::Column::ClaimedBy.eq(&self.hub.settings.node))
            .exec(&tx)
            .await?;
        tx.commit().await
    }
}

/// The job of the same key that runs, if another one does. The state stands there as it is, not as a parameter: the
/// index covers running jobs alone.
fn another_of_its_key() -> SelectStatement {
    let column = |column: job::Column| Expr::col(("other", column));
    Query::select()
        .expr(Expr::value(1))
        .from_as(job::Entity, "other")
        .and_where(column(job::Column::Key).equals((job::Entity, job::Column::Key)))
        .and_where(column(job::Column::State).eq(Expr::cust("'running'")))
        .and_where(column(job::Column::Id).not_equals((job::Entity, job::Column::Id)))
        .take()
}

/// The key of a job, also of one that a program without the column asked for: an older hub may run beside this one.
fn key_of_any_age() -> Expr {
    Func::coalesce([Expr::col(job::Column::Key), Expr::col(job::Column::WaitingKey)]).into()
}
