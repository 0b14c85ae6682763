//! A kill in the middle of a migration leaves a database that the next start migrates to its end.

use crate::harness::Hub;
use crate::judge::none;
use crate::load::pause;
use crate::look::Look;
use crate::luck::Luck;
use crate::rig::silent;

/// Kills that hit on the time between the first and the last step: a kill before it or after it tells how to aim.
struct Aim {
    luck: Luck,
    from: usize,
    to: usize,
    /// Kills that left some steps taken and some not.
    between: usize,
}

impl Aim {
    fn new(seed: u64) -> Self {
        Self { luck: Luck::new(seed), from: 0, to: 400, between: 0 }
    }

    /// Starts a migration and kills it.
    fn shoot(&mut self, hub: &Hub, look: &Look) {
        let before = look.steps_left();
        let after = pause(&mut self.luck, self.from, self.to);
        let mut migrating = silent(hub.command(&["migrate"]));
        std::thread::park_timeout(after);
        migrating.kill().expect("a killed migration");
        migrating.wait().expect("an ended migration");
        let left = look.steps_left();
        let after = after.as_millis() as usize;
        if left == before {
            self.from = self.from.max(after);
        } else if left == 0 {
            self.to = self.to.min(after);
        } else {
            self.between += 1;
        }
        // The machine is not as quick every time.
        if self.to < self.from + 10 {
            (self.from, self.to) = (self.from / 2, self.to * 2 + 10);
        }
    }
}

/// Kills migrations of hubs whose databases `begin` as this says, until enough kills fell in the middle of one.
fn kill_until_hit(mut begin: impl FnMut(&Look), then: impl Fn(&Hub, &Look)) {
    let mut aim = Aim::new(2611);
    for round in 0..60 {
        let mut hub = Hub::configured(None, "");
        let look = Look::open(&hub.database_url(), hub.data().to_owned());
        begin(&look);
        for _ in 0..3 {
            if look.steps_left() > 0 {
                aim.shoot(&hub, &look);
            }
        }
        hub.cli(&["migrate"]);
        assert_eq!(look.steps_left(), 0, "all steps are taken");
        then(&hub, &look);
        hub.run();
        assert!(hub.cli(&["migrate", "--dry-run"]).contains("up to date"));
        hub.stranger().get("/issues/").expect(200);
        if aim.between >= 3 && round >= 4 {
            break;
        }
    }
    assert!(aim.between > 0, "no kill fell between the first and the last step");
    eprintln!("{} kills between two steps", aim.between);
}

#[test]
fn a_killed_migration_is_taken_up_where_it_was() {
    kill_until_hit(|look| assert!(look.steps_left() > 0), |_, _| {});
}

#[test]
fn a_killed_migration_keeps_what_the_database_held() {
    let sizes = std::cell::RefCell::default();
    let begin = |look: &Look| {
        look.grow();
        *sizes.borrow_mut() = look.sizes();
        assert!(look.steps_left() > 1, "there are steps to take");
    };
    kill_until_hit(begin, |hub, look| {
        let after = look.sizes();
        let held = sizes.borrow();
        let mut faults = [look.dangling(), look.blob_faults(), look.file_faults()].concat();
        for (table, rows) in held.iter().filter(|(table, rows)| after.get(*table) != Some(*rows)) {
            faults.push(format!("{table} had {rows} rows and has {:?}", after.get(table)));
        }
        assert!(held.values().filter(|rows| **rows > 0).count() > 30, "there are data in most tables");
        none(&faults, "after the migration", &hub.log());
    });
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
