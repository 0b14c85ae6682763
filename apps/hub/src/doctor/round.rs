//! What is known of the last mail that was sent around: when it was asked for, whether it left, whether it came back.
//!
//! Each of these is a note with one writer, and names the round that it is of: hubs on one database overwrite nothing of
//! each other's, and a mail that comes back before its leaving is written down is not forgotten.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::Hub;
use sea_orm::{ConnectionTrait, DbErr};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use store::Tx;

use super::{Finding, State, around};

/// How long a mail around may take before it counts as missing.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// What its findings are about.
pub const AREA: &str = "loop";

const ASKED: &str = "mail around: asked";
const LEFT: &str = "mail around: left";
const BACK: &str = "mail around: back";

#[derive(Serialize, Deserialize)]
struct Asked {
    at: i64,
}

/// What the smarthost said to the mail that was asked for then.
#[derive(Serialize, Deserialize)]
struct Left {
    asked: i64,
    said: Result<String, String>,
}

#[derive(Serialize, Deserialize)]
struct Back {
    asked: i64,
    at: i64,
    via: String,
}

/// One mail around.
pub struct Round {
    pub asked: DateTime<Utc>,
    /// What the smarthost said, or why it was not reached.
    pub left: Option<Result<String, String>>,
    /// When it came in, and by which door.
    pub back: Option<(DateTime<Utc>, String)>,
}

/// Begins a round now.
pub(super) async fn ask(tx: &Tx) -> Result<DateTime<Utc>, DbErr> {
    let at = tx.now().timestamp_millis();
    keep(tx, ASKED, &Asked { at }).await?;
    Ok(time(at))
}

/// Notes what the smarthost said.
pub(super) async fn left(tx: &Tx, asked: DateTime<Utc>, said: Result<String, String>) -> Result<(), DbErr> {
    keep(tx, LEFT, &Left { asked: asked.timestamp_millis(), said }).await
}

/// Notes that the mail of the last round came in, the first time that it does.
pub(super) async fn came_back(tx: &Tx, asked: i64, via: &str) -> Result<(), DbErr> {
    let is_last = read::<Asked>(tx, ASKED).await?.is_some_and(|last| last.at == asked);
    let is_known = read::<Back>(tx, BACK).await?.is_some_and(|back| back.asked == asked);
    if !is_last || is_known {
        return Ok(());
    }
    keep(tx, BACK, &Back { asked, at: tx.now().timestamp_millis(), via: via.to_owned() }).await
}

/// The last round, when there was one.
pub async fn last(conn: &impl ConnectionTrait) -> Result<Option<Round>, DbErr> {
    let Some(Asked { at }) = read(conn, ASKED).await? else { return Ok(None) };
    let left = read::<Left>(conn, LEFT).await?.filter(|left| left.asked == at);
    let back = read::<Back>(conn, BACK).await?.filter(|back| back.asked == at);
    Ok(Some(Round {
        asked: time(at),
        left: left.map(|left| left.said),
        back: back.map(|back| (time(back.at), back.via)),
    }))
}

async fn keep(tx: &Tx, name: &str, what: &impl Serialize) -> Result<(), DbErr> {
    let text = serde_json::to_string(what).map_err(|error| DbErr::Custom(error.to_string()))?;
    store::set_note(tx, name, &text).await
}

async fn read<T: DeserializeOwned>(conn: &impl ConnectionTrait, name: &str) -> Result<Option<T>, DbErr> {
    Ok(store::note(conn, name).await?.and_then(|text| serde_json::from_str(&text).ok()))
}

fn time(milliseconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(milliseconds).unwrap_or_default()
}

impl Round {
    /// Whether nothing more is waited for.
    pub fn is_over(&self) -> bool {
        self.back.is_some() || matches!(self.left, Some(Err(_)))
    }

    /// Whether it is waited for, and not yet missed.
    pub fn is_under_way(&self, now: DateTime<Utc>) -> bool {
        !self.is_over() && !is_late(now - self.asked, PATIENCE)
    }

    /// How it stands, for who waits so long.
    pub fn told(&self, hub: &Hub, patience: Duration) -> Finding {
        let (to, domain) = (around::address(hub, self.asked), &hub.settings.mail_domain);
        let took = hub.now() - self.asked;
        match (&self.left, &self.back) {
            (_, Some((at, via))) => good(format!(
                "A mail to the hub itself came around in {}, in by {}",
                lasted(*at - self.asked),
                via.split(' ').next().unwrap_or_default().to_uppercase()
            )),
            (Some(Err(why)), None) => fault(
                format!("A mail to the hub itself did not leave: {}.", why.trim_end_matches('.')),
                "See what the smarthost asks of who sends, and whether it takes mail from this machine (docs/admin/mail.md).".into(),
            ),
            (Some(Ok(reply)), None) if is_late(took, patience) => fault(
                format!(
                    "A mail to the hub itself left (the smarthost said \"{reply}\") and was not back after {}.",
                    lasted(took)
                ),
                format!(
                    "See in the log of the smarthost where it took {to}: the MX of {domain} must lead to a server that hands it to `lmtp` or `smtp` (docs/admin/mail.md). A slow server may still bring it: `/admin/mail` says when."
                ),
            ),
            (Some(Ok(reply)), None) => {
                good(format!("A mail to the hub itself is under way: the smarthost said \"{reply}\""))
            }
            (None, None) if is_late(took, patience) => fault(
                format!("A mail to the hub itself has not left after {}.", lasted(took)),
                "The hub sends it as a job: see whether the service runs, and what /admin/jobs says.".into(),
            ),
            (None, None) => good("A mail to the hub itself is about to leave".into()),
        }
    }
}

fn good(text: String) -> Finding {
    Finding { area: AREA, state: State::Good, text, mend: String::new(), page: "" }
}

fn fault(text: String, mend: String) -> Finding {
    Finding { area: AREA, state: State::Fault, text, mend, page: "/admin/mail#around" }
}

fn is_late(took: TimeDelta, patience: Duration) -> bool {
    took.to_std().is_ok_and(|took| took >= patience)
}

/// So long, in the largest unit of which there are two.
fn lasted(time: TimeDelta) -> String {
    let seconds = time.num_seconds().max(0);
    let units = [(86_400, "days"), (3_600, "hours"), (60, "minutes")];
    let largest = units.into_iter().find(|(unit, _)| seconds >= 2 * unit);
    largest.map_or_else(|| format!("{seconds} s"), |(unit, name)| format!("{} {name}", seconds / unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_it_took_is_told_in_two_or_more_of_a_unit() {
        let told = [0, 119, 120, 7_199, 7_200, 172_800, -5].map(|seconds| lasted(TimeDelta::seconds(seconds)));
        assert_eq!(told, ["0 s", "119 s", "2 minutes", "119 minutes", "2 hours", "2 days", "0 s"]);
    }
}
