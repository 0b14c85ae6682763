//! What the doctor finds, as tasks of the administrator: what is at hand is looked at anew for every page, others are
//! asked at most once an hour, or when the administrator wants it.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Duration, Utc};
use kernel::Hub;
use serde::Serialize;

use super::settings::with_code;
use crate::config::Config;
use crate::doctor::{self, Finding, Resolver, State};

/// How long what others answered is believed.
const HOURS: i64 = 1;

/// The doctor of a running hub.
pub struct Checkup {
    config: Config,
    /// What is said instead of findings, where nobody should mend anything.
    instead: Option<Task>,
    answered: Mutex<Option<(DateTime<Utc>, Vec<Finding>)>>,
    /// Held while others are asked.
    asking: tokio::sync::Mutex<()>,
}

/// A finding that somebody should mend.
#[derive(Clone, Debug, Serialize)]
pub struct Task {
    area: &'static str,
    is_fault: bool,
    /// Safe HTML, as is the mend.
    text: String,
    mend: String,
    page: &'static str,
}

impl Checkup {
    pub fn new(config: Config) -> Self {
        Self { config, instead: None, answered: Mutex::new(None), asking: tokio::sync::Mutex::new(()) }
    }

    /// The doctor of a demo, which says that it is one: what a demo lacks is nobody's task.
    pub fn of_demo(config: Config) -> Self {
        let instead = Task {
            area: "demo",
            is_fault: false,
            text: "This is a demo: it takes no mail, sends none and connects to no network.".into(),
            mend: "In a hub of your own, what it lacks for real use stands here, each with its mend.".into(),
            page: "",
        };
        Self { instead: Some(instead), ..Self::new(config) }
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Whether mail leaves at all.
    pub fn sends(&self) -> bool {
        self.looks() && self.config.mail.smarthost.is_some()
    }

    /// Whether others are asked at all.
    pub fn looks(&self) -> bool {
        self.instead.is_none()
    }

    /// When others were asked last.
    pub fn looked_at(&self) -> Option<DateTime<Utc>> {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|(at, _)| *at)
    }

    /// What is to be mended, the faults first. Others are asked beside the page when that was long ago.
    pub async fn tasks(self: &Arc<Self>, hub: &Hub) -> anyhow::Result<Vec<Task>> {
        if let Some(instead) = &self.instead {
            return Ok(vec![instead.clone()]);
        }
        let now = hub.now();
        if self.looked_at().is_none_or(|at| now - at > Duration::hours(HOURS)) {
            let (this, hub) = (self.clone(), hub.clone());
            tokio::spawn(async move { this.look(&hub).await });
        }
        let mut found = doctor::at_hand(&self.config, hub).await?;
        if let Some((_, far)) = self.answered.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            found.extend(far.iter().cloned());
        }
        found.retain(|finding| finding.state != State::Good);
        found.sort_by_key(|finding| finding.state != State::Fault);
        Ok(found.into_iter().map(task).collect())
    }

    /// Asks the others, unless somebody is asking them already.
    pub async fn look(&self, hub: &Hub) {
        if self.instead.is_some() {
            return;
        }
        let Ok(_asking) = self.asking.try_lock() else { return };
        let found = doctor::far(&self.config, hub, &Resolver::of_machine()).await;
        *self.answered.lock().unwrap_or_else(PoisonError::into_inner) = Some((hub.now(), found));
    }
}

/// A finding as pages show it.
pub fn task(finding: Finding) -> Task {
    Task {
        area: finding.area,
        is_fault: finding.state == State::Fault,
        text: with_code(&finding.text),
        mend: with_manual(&with_code(&finding.mend)),
        page: finding.page,
    }
}

/// Safe HTML in which a page of the manual that is named by its file is linked.
fn with_manual(html: &str) -> String {
    let mut parts = html.split("docs/");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(".md") {
            Some((page, rest)) if page.chars().all(|c| c.is_ascii_lowercase() || c == '/' || c == '-') => {
                out.push_str(&format!("<a href=\"/docs/{page}\">the manual</a>{rest}"));
            }
            _ => out.push_str(&format!("docs/{part}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::with_manual;

    #[test]
    fn a_page_of_the_manual_is_linked() {
        assert_eq!(
            with_manual("Let cron run it (docs/admin/backup.md)."),
            "Let cron run it (<a href=\"/docs/admin/backup\">the manual</a>)."
        );
        assert_eq!(with_manual("In /srv/docs/ and docs/X.md"), "In /srv/docs/ and docs/X.md");
    }
}
