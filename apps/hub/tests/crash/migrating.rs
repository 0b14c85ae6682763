//! A kill in the middle of a migration leaves a database that the next start migrates to its end.

use std::process::Stdio;

use crate::harness::Hub;
use crate::load::pause;
use crate::luck::Luck;

#[test]
fn a_killed_migration_is_taken_up_where_it_was() {
    let mut luck = Luck::new(2611);
    for _ in 0..5 {
        let mut hub = Hub::configured(None, "");
        for _ in 0..3 {
            let mut migrating = hub
                .command(&["migrate"])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("the migration starts");
            std::thread::park_timeout(pause(&mut luck, 5, 120));
            migrating.kill().expect("a killed migration");
            migrating.wait().expect("an ended migration");
        }
        hub.run();
        assert!(hub.cli(&["migrate", "--dry-run"]).contains("up to date"));
        hub.stranger().get("/issues/").expect(200);
    }
}

#[test]
fn a_database_of_a_newer_guildhall_is_left_alone() {
    let hub = Hub::configured(None, "");
    hub.cli(&["migrate"]);
    let look = crate::look::Look::open(&hub.database_url(), hub.data().to_owned());
    look.execute("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29991231_9999_later', 0)");
    let refused = hub.try_cli(&["serve"], b"");
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success());
    assert!(said.contains("newer guildhall") && said.contains("m29991231_9999_later"), "{said}");
}

#[test]
fn a_second_service_on_one_data_directory_is_refused() {
    let hub = Hub::start(None, "");
    let refused = hub.try_cli(&["serve"], b"");
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && said.contains("already (process "), "{said}");
}
