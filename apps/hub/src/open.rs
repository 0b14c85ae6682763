//! From a configuration to a hub.

use std::path::Path;

use anyhow::Context;
use kernel::{Clock, Hub, Settings, Templates, Theme};
use rand::Rng;
use sea_orm::DbBackend;
use store::Store;

use crate::config::Config;
use crate::node;

/// Opens the hub that the configuration describes. The database is migrated unless `migrate` is `No`.
pub async fn open(config: &Config, migrate: Migrate) -> anyhow::Result<Hub> {
    open_at(config, migrate, Clock::machine()).await
}

/// The same with another clock than the machine's.
pub async fn open_at(config: &Config, migrate: Migrate, clock: Clock) -> anyhow::Result<Hub> {
    let data = std::path::absolute(&config.hub.data)?;
    let store = Store::open(&config.hub.database, &data, clock.clone()).await?;
    if let Migrate::Yes = migrate {
        migrations::up(store.migrating()).await.context("The database could not be migrated")?;
    }
    let theme = Theme::load(Some(&data.join("theme"))).context("The files in the theme directory cannot be read")?;
    let templates = Templates::load(theme, clock)?;
    let settings = Settings {
        name: config.hub.name.clone(),
        tagline: config.hub.tagline.clone(),
        url: config.hub.url(),
        mail_domain: config.mail.domain.to_lowercase(),
        timezone: config.hub.timezone.clone(),
        secret: secret(&store, &data, migrate).await?,
        node: node::identity(&data)?,
        data,
    };
    Ok(Hub::new(store, settings, templates))
}

/// Whether opening takes the steps of the database's history that are missing.
#[derive(Clone, Copy, Debug)]
pub enum Migrate {
    Yes,
    No,
}

/// The hub's secret: 32 random bytes. On SQLite they are in `<data>/secret`, readable by the hub's user only; on
/// PostgreSQL in the database, since several hubs may share it, and the file is where the first may bring one from.
async fn secret(store: &Store, data: &Path, migrate: Migrate) -> anyhow::Result<Vec<u8>> {
    if store.backend() == DbBackend::Postgres
        && matches!(migrate, Migrate::No)
        && let Some(shared) = store::known_secret(store).await
    {
        return Ok(shared);
    }
    let path = data.join("secret");
    let known = std::fs::read(&path).ok().filter(|bytes| bytes.len() == 32);
    let is_shared = store.backend() == DbBackend::Postgres && matches!(migrate, Migrate::Yes);
    let own = known.clone().unwrap_or_else(|| {
        let mut bytes = vec![0_u8; 32];
        rand::rng().fill_bytes(&mut bytes);
        bytes
    });
    if is_shared {
        return Ok(store::shared_secret(store, own).await?);
    }
    if known.is_none() {
        node::write_once(&path, &own)?;
    }
    Ok(own)
}
