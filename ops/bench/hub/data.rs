//! 100,000 of everything: the rows of the test of query plans, with text as people write it.

use std::fmt::Write;
use std::path::Path;

use sea_orm::ConnectionTrait;
use store::{Clock, Store};

use crate::words::Words;

/// Messages of an issue; the first comes with `fill.sql`.
pub const MESSAGES: u64 = 4;

/// The rows that the pages of the bench show, beside those of the mass. The hashes are the Message-ID-Hashes of `post501@hub.test`
/// and `post600@hub.test`. Nobody is told of what the mass did.
const MORE: &str = "
INSERT INTO tracker_message (tracker_id, number, issue_id, author_id, sent_at, created_at, source, format, summary, body, message_id,
                             in_reply_to, recipients, is_retired)
  SELECT m.tracker_id, m.number + {N} * k.n, m.issue_id, 1000 + k.n, m.sent_at, m.created_at, 'web', 'markdown', 'short', m.body,
         'more' || k.n || m.message_id, '', '', FALSE
  FROM tracker_message m, words k WHERE k.n < {MESSAGES} AND m.number > 1100;
UPDATE tracker_message SET issue_id = 1005 WHERE number > 1500 AND number <= 1505;
UPDATE tracker_message SET issue_id = 1100 WHERE number > 1600 AND number <= 1700;
UPDATE tracker_message SET body = (SELECT body FROM words WHERE n = tracker_message.number % {N} + 1);
UPDATE tracker_issue SET message_count = (SELECT count(*) FROM tracker_message m WHERE m.issue_id = tracker_issue.id)
  WHERE id IN (1005, 1100);
UPDATE tracker_issue SET title = (SELECT title FROM words WHERE n = tracker_issue.number % {N} + 1);
UPDATE tracker_value SET link = 1 + issue_id / 40 % 5 WHERE property_id = (SELECT id FROM tracker_property WHERE name = 'keyword');
UPDATE tracker_class SET next_number = next_number + 10 * {N};
UPDATE list_post SET body = (SELECT body FROM words WHERE n = list_post.id % {N} + 1);
UPDATE list_post SET thread_id = 1008 WHERE id > 1500 AND id <= 1508;
UPDATE list_post SET thread_id = 1060, refs = 'post600@hub.test' WHERE id > 1600 AND id <= 2599;
UPDATE list_post SET thread_id = 1060 WHERE id = 1600;
UPDATE list_post SET hash = 'SU4ASM3A4WYO3PZPUW2FA42MIUHX2Y3K' WHERE id = 1501;
UPDATE list_post SET hash = '6CPFEDDF2ZM3VNXLDMCLPD3NHS5GMUW2' WHERE id = 1600;
UPDATE list_message_id SET hash = (SELECT hash FROM list_post WHERE id = 1501), thread_id = 1008 WHERE hash = 'HASH501';
UPDATE list_message_id SET hash = (SELECT hash FROM list_post WHERE id = 1600), thread_id = 1060 WHERE hash = 'HASH600';
UPDATE chat_line SET text = (SELECT title FROM words WHERE n = chat_line.id % {N} + 1);
UPDATE chat_line SET day = '2025-10-01' WHERE id > 2000 AND id <= 7000;
UPDATE search_document SET title = (SELECT title FROM words WHERE n = search_document.id % {N} + 1),
                           body = (SELECT body FROM words WHERE n = search_document.id % {N} + 1);
UPDATE journal_cursor SET entry_id = (SELECT max(id) FROM journal);
DELETE FROM job; DELETE FROM mail_out_rcpt; DELETE FROM mail_out; DELETE FROM mail_in_rcpt; DELETE FROM mail_in;
DROP TABLE words;
";

/// Fills the SQLite database of a hub that does not run.
pub fn fill(data: &Path, count: u64) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let store = Store::open("sqlite", data, Clock::machine()).await.expect("the database of the hub");
        fill_store(&store, count).await;
        store.close().await;
    });
}

/// Fills an open SQLite database.
pub async fn fill_store(store: &Store, count: u64) {
    crate::fill::fill(store, count).await;
    words(store, count).await;
    let sql = MORE.replace("{N}", &count.to_string()).replace("{MESSAGES}", &MESSAGES.to_string());
    store.migrating().execute_unprepared(&sql).await.expect("MORE fits the tables");
    store.analyze().await.expect("the rows are looked at, as the hub does by itself");
}

/// Titles and bodies without end, the same in every run.
pub fn drawn() -> impl Iterator<Item = (String, String)> {
    let mut words = Words::new(2007);
    std::iter::from_fn(move || {
        let title = words.text(6);
        let length = 20 + words.below(120) as usize;
        Some((title, words.text(length)))
    })
}

/// A table `words` with a title and a body for each number.
async fn words(store: &Store, count: u64) {
    let mut sql = String::from("BEGIN; CREATE TABLE words (n BIGINT PRIMARY KEY, title TEXT, body TEXT);\n");
    for (n, (title, body)) in (1..=count).zip(drawn()) {
        let _ = writeln!(sql, "INSERT INTO words VALUES ({n}, '{title}', '{body}');");
        if n % 1000 == 0 || n == count {
            store.migrating().execute_unprepared(&sql).await.expect("a table of words");
            sql.clear();
        }
    }
    store.migrating().execute_unprepared("COMMIT").await.expect("a table of words");
}

/// A number that a statement answers, beside the running hub.
pub fn count(data: &Path, sql: &str) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let store = Store::open("sqlite", data, Clock::machine()).await.expect("the database of the hub");
        let statement = sea_orm::Statement::from_string(sea_orm::DbBackend::Sqlite, sql);
        let row = store.migrating().query_one_raw(statement).await.expect("a query").expect("a row");
        store.close().await;
        row.try_get_by_index::<i64>(0).expect("a number").unsigned_abs()
    })
}
