//! What the hub itself remembers: one short text a name.

use sea_orm::{ConnectionTrait, DbErr, Statement};

use crate::Tx;

/// What was noted under this name.
pub async fn note(conn: &impl ConnectionTrait, name: &str) -> Result<Option<String>, DbErr> {
    let asked = "SELECT value FROM hub_note WHERE name = $1";
    let row =
        conn.query_one_raw(Statement::from_sql_and_values(conn.get_database_backend(), asked, [name.into()])).await?;
    row.map(|row| row.try_get("", "value")).transpose()
}

/// Notes a text under this name, in the place of what stood there.
pub async fn set_note(tx: &Tx, name: &str, value: &str) -> Result<(), DbErr> {
    let put =
        "INSERT INTO hub_note (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), put, [name.into(), value.into()])).await?;
    Ok(())
}
