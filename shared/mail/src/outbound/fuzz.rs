//! What leaves and what the smarthost answers, whatever bytes they are made of.

use std::io::Cursor;
use std::time::Duration;

use chrono::DateTime;

use super::client::{Client, Transaction, Verdict, stuffed};
use super::sign::{Signer, body_hash, fields};

thread_local! {
    static RUNTIME: Option<tokio::runtime::Runtime> =
        tokio::runtime::Builder::new_current_thread().enable_time().build().ok();
    static SIGNER: Option<Signer> = Signer::by_seed([7; 32]);
}

/// A mail in the canonical forms of DKIM: what relays may change on the way changes nothing, and the field is a field.
pub fn signing(data: &[u8]) {
    let canonical = fields(&[data]);
    for (name, value) in &canonical {
        assert!(!name.contains(|c: char| c == '\n' || c == '\r'), "{name:?}");
        let blanks = value.windows(2).any(|two| two == b"  ");
        assert!(!blanks && !value.contains(&b'\n') && !value.contains(&b'\r') && !value.contains(&b'\t'), "{value:?}");
    }
    // The wire's own line ends, and empty lines at the end.
    let hash = body_hash(data);
    let sent: Vec<u8> = stuffed(&[data]).to_vec();
    let sent = unstuffed(&sent);
    assert_eq!((fields(&[&sent]), body_hash(&sent)), (canonical, hash.clone()), "as it goes over the wire");
    assert_eq!(body_hash(&[&sent[..], b"\r\n\r\n"].concat()), hash, "with empty lines behind it");
    SIGNER.with(|signer| {
        let Some(signer) = signer else { return };
        let field = signer.sign(&[data], &hash, DateTime::UNIX_EPOCH);
        let lines: Vec<&str> = field.split("\r\n").collect();
        assert!(field.ends_with("\r\n") && field.starts_with("DKIM-Signature: v=1; "), "{field}");
        let folded = lines[1..lines.len() - 1].iter().all(|line| line.starts_with('\t'));
        assert!(folded && lines.iter().all(|line| line.len() < 200 && !line.contains(['\r', '\n'])), "{field}");
    });
}

/// A mail without the dots that the wire needs.
fn unstuffed(sent: &[u8]) -> Vec<u8> {
    sent.split_inclusive(|byte| *byte == b'\n')
        .flat_map(|line| line.strip_prefix(b".").unwrap_or(line))
        .copied()
        .collect()
}

/// A smarthost that answers with these bytes: each recipient has a verdict, whose text is one line, or the connection
/// broke.
pub fn replies(data: &[u8]) {
    RUNTIME.with(|runtime| {
        if let Some(runtime) = runtime {
            runtime.block_on(talk(data));
        }
    });
}

async fn talk(data: &[u8]) {
    let stream = tokio::io::join(Cursor::new(data.to_vec()), tokio::io::sink());
    let mut client = Client::over(Box::new(stream), Duration::from_secs(5));
    if let Err(broken) = client.introduce("hub.test").await {
        assert!(!broken.0.is_empty());
        return;
    }
    let rcpts = ["ann@example.org", "bob@example.org"];
    for _ in 0..20 {
        let mail = Transaction {
            from: "dev@hub.test",
            rcpts: &rcpts,
            personal: b"To: x\r\n",
            body: b"\r\nbody\r\n",
            eight_bit: true,
            utf8: false,
        };
        let Ok(verdicts) = client.send(&mail).await else { return };
        assert_eq!(verdicts.len(), rcpts.len());
        for verdict in verdicts {
            let (Verdict::Sent(text) | Verdict::Failed(text) | Verdict::Later(text) | Verdict::Unreached(text)) =
                verdict;
            assert!(!text.contains('\n') && text.len() < 20_000, "{text:?}");
        }
    }
}
