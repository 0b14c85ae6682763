//! A database of its own for each test.

use std::path::Path;

use kernel::Clock;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use store::Store;
use tokio::sync::OnceCell;

const PREFIX: &str = "guildhall_test_";

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

/// Whether this process has dropped what earlier ones left.
static SWEPT: OnceCell<()> = OnceCell::const_new();

async fn create(server: &str, folder: &Path, clock: Clock) -> String {
    let name = format!("{PREFIX}{}_{}", std::process::id(), uuid::Uuid::new_v4().simple());
    let admin = Store::open(server, folder, clock).await.expect("the test server answers");
    SWEPT.get_or_init(|| sweep(&admin)).await;
    let sql = format!("CREATE DATABASE {name}");
    admin.migrating().execute_unprepared(&sql).await.expect("a test database can be made");
    admin.close().await;
    let (base, _) = server.rsplit_once('/').expect("a URL with a database");
    format!("{base}/{name}")
}

/// Drops the databases of processes that have ended, so that a run of all tests needs little room.
async fn sweep(admin: &Store) {
    let sql = format!("SELECT datname::text AS name FROM pg_database WHERE datname LIKE '{PREFIX}%'");
    let asked = Statement::from_string(DbBackend::Postgres, sql);
    for row in admin.read().query_all_raw(asked).await.expect("the names of the databases") {
        let name: String = row.try_get("", "name").expect("a name");
        let process = name.trim_start_matches(PREFIX).split('_').next().unwrap_or_default();
        if !Path::new("/proc").join(process).exists() {
            let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            // Another process may drop it at the same time.
            let _ = admin.migrating().execute_unprepared(&sql).await;
        }
    }
}
