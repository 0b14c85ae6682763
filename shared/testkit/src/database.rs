//! A database of its own for each test.

use std::path::Path;

use kernel::Clock;
use sea_orm::ConnectionTrait;
use store::Store;

/// An empty, migrated database.
pub async fn open(folder: &Path, clock: Clock) -> Store {
    let store = empty(folder, clock).await;
    migrations::up(store.migrating()).await.expect("the migrations run");
    store
}

/// A database without tables: SQLite in `folder`, or a new one on the server that the environment names.
pub async fn empty(folder: &Path, clock: Clock) -> Store {
    let database = match std::env::var("GUILDHALL_TEST_DATABASE") {
        Ok(server) if !server.is_empty() => create(&server, folder, clock.clone()).await,
        _ => "sqlite".to_owned(),
    };
    Store::open(&database, folder, clock).await.expect("the test database opens")
}

async fn create(server: &str, folder: &Path, clock: Clock) -> String {
    let name = format!("guildhall_test_{}", uuid::Uuid::new_v4().simple());
    let admin = Store::open(server, folder, clock).await.expect("the test server answers");
    let sql = format!("CREATE DATABASE {name}");
    admin.migrating().execute_unprepared(&sql).await.expect("a test database can be made");
    admin.close().await;
    let (base, _) = server.rsplit_once('/').expect("a URL with a database");
    format!("{base}/{name}")
}
