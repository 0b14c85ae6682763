//! From a configuration to a hub.

use std::io::Write;
use std::path::Path;

use anyhow::Context;
use kernel::{Clock, Hub, Settings, Templates, Theme};
use rand::Rng;
use store::Store;

use crate::config::Config;

/// Opens the hub that the configuration describes. The database is migrated unless `migrate` is `No`.
pub async fn open(config: &Config, migrate: Migrate) -> anyhow::Result<Hub> {
    let data = std::path::absolute(&config.hub.data)?;
    let clock = Clock::machine();
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
        secret: secret(&data)?,
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

/// The hub's secret: 32 bytes in `<data>/secret`, drawn at the first start, readable by its user only.
fn secret(data: &Path) -> anyhow::Result<Vec<u8>> {
    let path = data.join("secret");
    if let Ok(bytes) = std::fs::read(&path)
        && bytes.len() == 32
    {
        return Ok(bytes);
    }
    let mut bytes = vec![0_u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&path).with_context(|| format!("{} cannot be written", path.display()))?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    Ok(bytes)
}
