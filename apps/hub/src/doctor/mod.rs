//! What is missing for real use, each finding with its mend. `guildhall doctor` prints them.
//!
//! Nothing is changed: names are asked, servers are greeted, files are looked at. Only `--mail-loop` sends a mail.

mod around;
mod certificate;
mod dns;
mod front;
mod mail;
mod place;
pub mod round;
#[cfg(test)]
mod tests;
mod work;

use kernel::Hub;
use serde::Serialize;

pub use around::{Around, SendAround, ask, mail_loop};
pub use dns::Resolver;

use crate::config::Config;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Good,
    /// The hub works, and somebody should know.
    Warning,
    /// Something does not work.
    Fault,
}

/// One thing that was looked at.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    pub area: &'static str,
    pub state: State,
    pub text: String,
    /// What to do about it; empty where all is well.
    pub mend: String,
    /// The page of the hub that shows more of it; empty where there is none.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub page: &'static str,
}

/// The findings of one area.
struct Notes {
    area: &'static str,
    found: Vec<Finding>,
}

impl Notes {
    fn of(area: &'static str) -> Self {
        Self { area, found: vec![] }
    }

    fn note(&mut self, state: State, text: impl Into<String>, mend: impl Into<String>) {
        self.found.push(Finding { area: self.area, state, text: text.into(), mend: mend.into(), page: "" });
    }

    /// Names the page that shows more of what was noted last.
    fn see(&mut self, page: &'static str) {
        if let Some(last) = self.found.last_mut() {
            last.page = page;
        }
    }

    fn good(&mut self, text: impl Into<String>) {
        self.note(State::Good, text, "");
    }

    fn warn(&mut self, text: impl Into<String>, mend: impl Into<String>) {
        self.note(State::Warning, text, mend);
    }

    fn fault(&mut self, text: impl Into<String>, mend: impl Into<String>) {
        self.note(State::Fault, text, mend);
    }
}

/// Looks at everything.
pub async fn examine(config: &Config, hub: &Hub, resolver: &Resolver) -> anyhow::Result<Vec<Finding>> {
    let mut found = at_hand(config, hub).await?;
    found.extend(far(config, hub, resolver).await);
    Ok(found)
}

/// What can be seen at once: the configuration, this machine, the database.
pub async fn at_hand(config: &Config, hub: &Hub) -> anyhow::Result<Vec<Finding>> {
    let here = hub.clone();
    let place = tokio::task::spawn_blocking(move || {
        [place::disk(&here), place::backup(&here), place::theme(&here)].into_iter().flatten().collect::<Vec<_>>()
    });
    let mut found = place::address(config);
    found.extend(place.await?);
    found.extend(mail::configured(config));
    found.extend(mail::shown(config, hub.now()));
    found.extend(work::queues(hub).await?);
    found.extend(work::hooks(config, hub).await?);
    if config.mail.smarthost.is_some() {
        let last = round::last(&hub.store.read()).await?;
        found.extend(last.map(|round| round.told(hub, round::PATIENCE)));
    }
    Ok(found)
}

/// What others have to be asked for: names, mail servers, IRC networks. It may take a minute where they do not answer.
pub async fn far(config: &Config, hub: &Hub, resolver: &Resolver) -> Vec<Finding> {
    let mut found = place::web(config, resolver).await;
    found.extend(front::door(config, hub, resolver).await);
    found.extend(mail::names(config, resolver).await);
    found.extend(mail::smarthost(config).await);
    found.extend(mail::inbound(config, resolver).await);
    found.extend(work::irc(config).await);
    found
}
