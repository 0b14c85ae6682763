//! The hub, as every app sees it.

use std::ops::Deref;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use store::{Clock, Store};

use crate::{Settings, Templates};

/// The store, the clock, the settings and the templates. Cheap to clone.
#[derive(Clone)]
pub struct Hub(Arc<Parts>);

/// What a [`Hub`] holds.
pub struct Parts {
    pub store: Store,
    /// The clock of the store, so that rows and pages agree.
    pub clock: Clock,
    pub settings: Settings,
    pub templates: Templates,
}

impl Hub {
    /// Puts the parts together.
    pub fn new(store: Store, settings: Settings, templates: Templates) -> Self {
        let clock = store.clock().clone();
        Self(Arc::new(Parts { store, clock, settings, templates }))
    }

    /// The time now.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The absolute URL of a path of this hub.
    pub fn url(&self, path: &str) -> String {
        self.settings.absolute(path)
    }
}

impl Deref for Hub {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}
