//! What somebody says of themselves.

use std::str::FromStr;

use people::User;
use people::profile::Profile;
use store::Tx;

use crate::{Refusal, index};

/// The longest text about oneself, bytes.
const ABOUT: usize = 10_000;

/// Keeps what somebody says of themselves and lets it be found.
pub async fn describe(tx: &Tx, user: &User, profile: &Profile) -> Result<(), Refusal> {
    if chrono_tz::Tz::from_str(&profile.timezone).is_err() {
        return Err(Refusal::NoTimeZone(profile.timezone.clone()));
    }
    if profile.about.len() > ABOUT {
        return Err(Refusal::LongAbout(ABOUT));
    }
    people::profile::describe(tx, user.id, profile).await?;
    if let Some(user) = people::user::by_id(tx, user.id).await? {
        index::put(tx, &user).await?;
    }
    Ok(())
}
