//! One mail to the smarthost at once, past the queue: to see whether it gets through.

use chrono::{DateTime, Utc};

use super::client::{Client, Transaction, Verdict, stuffed};
use super::{Signer, Smarthost, sign};
use crate::Config;

/// Hands a mail to the smarthost as the queue does, signed where mail is signed, and gives its reply. The error is a
/// sentence. No mailbox of this hub is asked, and nothing is tried again.
pub async fn hand_over(
    config: &Config,
    from: &str,
    to: &str,
    raw: &[u8],
    now: DateTime<Utc>,
) -> Result<String, String> {
    let smarthost = Smarthost::of(config)?.ok_or("No smarthost is named.")?;
    let signature = match Signer::of(config)? {
        Some(signer) => signer.sign(&[raw], &sign::body_hash(raw), now),
        None => String::new(),
    };
    let mail = Transaction {
        from,
        rcpts: &[to],
        personal: &stuffed(&[signature.as_bytes()]),
        body: &stuffed(&[raw]),
        eight_bit: !raw.is_ascii(),
        utf8: false,
    };
    let mut client = Client::connect(&smarthost, &config.domain).await.map_err(|broken| broken.0)?;
    let verdicts = client.send(&mail).await.map_err(|broken| broken.0)?;
    client.quit().await;
    match verdicts.into_iter().next() {
        Some(Verdict::Sent(reply)) => Ok(reply),
        Some(Verdict::Failed(why) | Verdict::Later(why) | Verdict::Unreached(why)) => Err(why),
        None => Err("The smarthost said nothing of the recipient.".into()),
    }
}
