//! Failures at which SQLite ends a transaction by itself, as on a full disk.

use sea_orm::{DbErr, RuntimeErr};

/// Whether SQLite may have rolled the whole transaction back by itself (its page on transactions, section 3: full disk,
/// failed reads and writes, no memory, interruption). PostgreSQL refuses what comes after any failure by itself.
pub(crate) fn ends_transaction(error: &DbErr) -> bool {
    // The low byte of an extended code is the primary one; the codes of PostgreSQL have five characters.
    let primary = code(error).filter(|code| code.len() < 5).and_then(|code| Some(code.parse::<u32>().ok()? & 0xff));
    matches!(primary, Some(7 | 9 | 10 | 13))
}

fn code(error: &DbErr) -> Option<String> {
    let (DbErr::Conn(RuntimeErr::SqlxError(error))
    | DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))) = error
    else {
        return None;
    };
    Some(error.as_database_error()?.code()?.into_owned())
}

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectionTrait, Statement};

    use crate::{Clock, Store};

    #[tokio::test]
    async fn what_is_committed_after_a_full_disk_is_committed() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open("sqlite", folder.path(), Clock::machine()).await.expect("a store");
        store.migrating().execute_unprepared("CREATE TABLE word (text TEXT)").await.expect("a table");
        // As full as a disk gets: the file may not grow.
        let tx = store.write().await.expect("a transaction");
        tx.execute_unprepared("PRAGMA max_page_count = 2").await.expect("a limit");
        tx.commit().await.expect("a commit");

        let tx = store.write().await.expect("a transaction");
        let large = format!("INSERT INTO word VALUES ('{}')", "x".repeat(100_000));
        let error = tx.execute_unprepared(&large).await.expect_err("there is no room");
        assert!(crate::StoreError::from(error).is_full());
        tx.execute_unprepared("INSERT INTO word VALUES ('alone')").await.expect_err("the transaction is gone");
        tx.commit().await.expect_err("the transaction is gone");

        let tx = store.write().await.expect("a transaction");
        tx.execute_unprepared("INSERT INTO word VALUES ('dropped')").await.expect("a word");
        drop(tx);
        let tx = store.write().await.expect("a transaction");
        tx.execute_unprepared("INSERT INTO word VALUES ('kept')").await.expect("a word");
        tx.commit().await.expect("a commit");

        let all = Statement::from_string(store.backend(), "SELECT text FROM word");
        let rows = store.read().query_all_raw(all).await.expect("the words");
        let words: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0).expect("a word")).collect();
        assert_eq!(words, ["kept"]);
    }
}
