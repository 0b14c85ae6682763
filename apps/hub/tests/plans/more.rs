//! What some pages need beside the rows in bulk.

use store::Store;

use super::fill::{one, run};

/// A mail in several parts: text, HTML and a file.
const PARTS: &[u8] = b"From: person@example.net\r\nSubject: bulk\r\nMIME-Version: 1.0\r\n\
    Content-Type: multipart/mixed; boundary=part\r\n\r\n\
    --part\r\nContent-Type: multipart/alternative; boundary=way\r\n\r\n\
    --way\r\nContent-Type: text/plain\r\n\r\nText.\r\n\
    --way\r\nContent-Type: text/html\r\n\r\n<p>Text.</p>\r\n--way--\r\n\
    --part\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=log.txt\r\n\r\nA log.\r\n--part--\r\n";

/// What one page has and others do not: a mail in parts, the mail of a message, and a tracker `website` with some issues.
pub async fn more(store: &Store, count: u64) {
    let tx = store.write().await.expect("a transaction");
    let parts = store::blobs::put(&tx, PARTS).await.expect("a blob");
    tx.commit().await.expect("a commit");
    let connection = store.migrating();
    let website = one(connection, "SELECT id FROM tracker WHERE name = 'website'").await;
    let rows = count.min(49);
    let sql = format!(
        "UPDATE list_post SET blob = '{parts}', has_html = TRUE WHERE id = 1001;
         UPDATE tracker_message SET raw = '{parts}' WHERE id = 1001;
         INSERT INTO tracker_issue (id, tracker_id, number, title, creator_id, created_at, actor_id, activity_at, is_retired,
                                    message_count, version)
           SELECT 900000 + id, {website}, id - 1000, title, creator_id, created_at, actor_id, activity_at, FALSE, 1, 1
           FROM tracker_issue WHERE id > 1000 AND id <= 1000 + {rows};
         INSERT INTO tracker_message (id, tracker_id, number, issue_id, author_id, sent_at, created_at, source, format, summary,
                                      body, message_id, in_reply_to, recipients, is_retired, raw)
           SELECT 900000 + id, {website}, id - 1000, 901001, author_id, sent_at, created_at, 'web', 'markdown', 'short', body,
                  'website' || id || '@hub.test', '', '', FALSE, '{parts}'
           FROM tracker_message WHERE id > 1000 AND id <= 1000 + {rows};
         INSERT INTO tracker_file (id, tracker_id, number, issue_id, message_number, name, content_type, blob, size, creator_id,
                                   created_at, is_retired)
           SELECT 900000 + id, {website}, id - 1000, 901001, id - 1000, name, content_type, blob, size, creator_id, created_at,
                  FALSE
           FROM tracker_file WHERE id > 1000 AND id <= 1000 + {rows};"
    );
    run(connection, &sql).await;
}
