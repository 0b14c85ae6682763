//! The secret that all hubs on one database share.

use sea_orm::{ConnectionTrait, Statement};

use crate::{Store, StoreError};

/// The secret of all hubs on this database: the one that the first of them brought, `own` when this is the first.
pub async fn shared_secret(store: &Store, own: Vec<u8>) -> Result<Vec<u8>, StoreError> {
    let tx = store.write().await?;
    let backend = tx.get_database_backend();
    let insert = "INSERT INTO hub_secret (name, value) VALUES ('hub', $1) ON CONFLICT (name) DO NOTHING";
    tx.execute_raw(Statement::from_sql_and_values(backend, insert, [own.clone().into()])).await?;
    let asked = "SELECT value FROM hub_secret WHERE name = 'hub'";
    let row = tx.query_one_raw(Statement::from_string(backend, asked)).await?;
    let found: Option<Vec<u8>> = row.map(|row| row.try_get("", "value")).transpose()?.flatten();
    tx.commit().await?;
    Ok(found.unwrap_or(own))
}

/// The secret of all hubs on this database, when there is one already.
pub async fn known_secret(store: &Store) -> Option<Vec<u8>> {
    let conn = store.read();
    let asked = "SELECT value FROM hub_secret WHERE name = 'hub'";
    // The table may be missing yet: then nobody has brought a secret.
    let row = conn.query_one_raw(Statement::from_string(conn.get_database_backend(), asked)).await.ok()?;
    row?.try_get("", "value").ok()
}
