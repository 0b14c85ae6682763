//! The Debian package and its service, held against the program, the repository and the manual. `ops/package/try` builds
//! and installs it.

use std::path::{Path, PathBuf};

use crate::cli;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn text(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The values of a key of the unit.
fn unit(key: &str) -> Vec<String> {
    let text = text("ops/package/guildhall.service");
    let values = text.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    values.map(str::to_owned).collect()
}

/// The only value of a key of the unit.
fn one(key: &str) -> String {
    let mut found = unit(key);
    assert_eq!(found.len(), 1, "{key}: {found:?}");
    found.remove(0)
}

#[test]
fn the_service_begins_as_a_command_of_the_program() {
    let start = one("ExecStart");
    let words: Vec<&str> = start.split_whitespace().collect();
    assert_eq!(words[0], "/usr/bin/guildhall");
    let serve = cli::command().try_get_matches_from(&words).expect("it starts");
    let serve = serve.subcommand_matches("serve").expect("it serves");
    let given = |name| serve.get_one::<PathBuf>(name).expect("it is named").display().to_string();
    assert_eq!(given("data"), format!("/var/lib/{}", one("StateDirectory")));
    assert_eq!(given("config"), text("ops/deb").lines().find_map(conffile).expect("a file that is kept"));
}

fn conffile(line: &str) -> Option<String> {
    line.strip_prefix("echo ")?.split_once(" >\"$root/DEBIAN/conffiles\"").map(|(file, _)| file.to_owned())
}

#[test]
fn the_service_runs_as_the_user_that_the_package_makes_and_can_do_little() {
    let (user, postinst) = (one("User"), text("ops/package/postinst"));
    assert!(user != "root" && one("Group") == user);
    assert!(postinst.contains(&format!("useradd --system --user-group --home-dir /var/lib/{user} ")), "{postinst}");
    assert!(postinst.contains(&format!("chown root:{user} /etc/guildhall/guildhall.toml")), "{postinst}");
    for key in [
        "NoNewPrivileges",
        "PrivateTmp",
        "PrivateDevices",
        "ProtectKernelModules",
        "ProtectKernelTunables",
        "ProtectControlGroups",
        "RestrictNamespaces",
        "RestrictSUIDSGID",
        "MemoryDenyWriteExecute",
    ] {
        assert_eq!(one(key), "yes", "{key}");
    }
    assert_eq!((one("ProtectSystem"), one("ProtectHome")), ("strict".into(), "read-only".into()));
    assert_eq!(unit("CapabilityBoundingSet"), [""], "no capability at all");
    assert!(unit("ReadWritePaths").is_empty(), "it writes into its own folder alone");
    // Secrets, mails and attachments are nobody else's; the spool below the folder is passed through.
    assert_eq!((one("UMask"), one("StateDirectoryMode")), ("0077".into(), "0711".into()));
}

#[test]
fn a_stop_is_waited_for_and_a_fall_is_mended() {
    assert!(one("TimeoutStopSec").parse::<u64>().expect("seconds") > 10, "the hub takes ten seconds for its farewell");
    assert_eq!((one("Restart"), one("WantedBy")), ("on-failure".into(), "multi-user.target".into()));
    assert!(text("docs/admin/install.md").contains("systemctl enable --now guildhall"));
}

#[test]
fn what_the_package_is_made_of_is_there() {
    let script = text("ops/deb");
    let named = script.split(|c: char| c.is_whitespace() || "\"()".contains(c));
    let ours: Vec<&str> =
        named.filter(|word| word.starts_with("ops/") && !word.contains('$') && *word != "ops/deb").collect();
    assert!(ours.contains(&"ops/nginx/maintenance.html") && ours.contains(&"ops/package/postrm"), "{ours:?}");
    for file in ours {
        assert!(root().join(file).exists(), "{file}");
    }
}

#[test]
fn the_folder_of_the_backups_is_made_where_the_manual_writes_them() {
    let manual = text("docs/admin/backup.md");
    let words = manual.split_whitespace().map(|word| word.trim_matches(['`', ',', '.', ':', '(', ')']));
    let places: Vec<&str> = words.filter(|word| word.starts_with("/var/backups/")).collect();
    assert!(places.len() > 5, "{places:?}");
    for place in places {
        assert!(Path::new(place).starts_with("/var/backups/guildhall"), "{place}");
    }
    for page in ["ops/package/postinst", "docs/admin/backup.md", "docs/admin/install.md"] {
        let text = text(page);
        let line = text.lines().find(|line| line.contains("install -d ") && line.ends_with("/var/backups/guildhall"));
        let line = line.unwrap_or_else(|| panic!("{page} does not make it"));
        assert!(
            line.contains("-o guildhall -g guildhall") && (line.contains("-m 700") || line.contains("-m 0700")),
            "{line}"
        );
    }
}
