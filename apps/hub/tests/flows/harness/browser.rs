//! A headless Chromium, driven by chromedriver over HTTP (W3C WebDriver).

use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use ureq::Agent;

use super::{Hub, free_port, visitor::PASSWORD, wait_for};

/// The key under which WebDriver names an element (W3C WebDriver section 12.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Keys that have no letter (W3C WebDriver section 17.4.2).
pub const TAB: &str = "\u{e004}";
pub const ENTER: &str = "\u{e007}";
pub const ESCAPE: &str = "\u{e00c}";
pub const SPACE: &str = " ";

/// A browser with a profile of its own.
pub struct Browser {
    driver: Child,
    session: String,
    agent: Agent,
    base: String,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// A new browser that visits this hub.
    pub fn start(hub: &Hub) -> Self {
        let port = free_port();
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts; ops/test installs it");
        let config = Agent::config_builder().http_status_as_error(false).build();
        let agent: Agent = config.into();
        let root = format!("http://127.0.0.1:{port}");
        wait_for("chromedriver", || agent.get(format!("{root}/status")).call().ok());
        let profile = tempfile::tempdir().expect("a profile");
        let mut args = vec![format!("--user-data-dir={}", profile.path().display())];
        args.extend(
            [
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--lang=en",
            ]
            .map(str::to_owned),
        );
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": {"args": args}, "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
            "timeouts": {"script": 120_000, "pageLoad": 120_000},
        }}});
        let mut browser = Self {
            driver,
            session: format!("{root}/session"),
            agent,
            base: format!("http://127.0.0.1:{}", hub.http),
            _profile: profile,
        };
        let made = browser.send("", Some(wanted));
        let id = made["sessionId"].as_str().unwrap_or_else(|| panic!("no session: {made}")).to_owned();
        browser.session = format!("{root}/session/{id}");
        browser
    }

    /// One command of the protocol; an error of the browser fails the test.
    #[track_caller]
    fn send(&self, path: &str, body: Option<Value>) -> Value {
        self.try_send(path, body).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn try_send(&self, path: &str, body: Option<Value>) -> Result<Value, String> {
        let url = format!("{}{path}", self.session);
        let answer = match body {
            Some(body) => self.agent.post(url).header("Content-Type", "application/json").send(body.to_string()),
            None => self.agent.get(url).call(),
        };
        let mut answer = answer.map_err(|error| error.to_string())?;
        let text =
            answer.body_mut().with_config().limit(64 << 20).read_to_string().map_err(|error| error.to_string())?;
        let mut value: Value = serde_json::from_str(&text).map_err(|error| format!("{error}: {text}"))?;
        let value = value["value"].take();
        match value["error"].as_str() {
            Some(error) if !answer.status().is_success() => Err(format!("{error}: {}", value["message"])),
            _ => Ok(value),
        }
    }

    /// Opens a page of the hub and waits until it is loaded.
    #[track_caller]
    pub fn go(&self, path: &str) {
        self.send("/url", Some(json!({"url": format!("{}{path}", self.base)})));
    }

    /// Path and query of the page that is shown.
    pub fn here(&self) -> String {
        let url = self.send("/url", None);
        url.as_str().unwrap_or_default().strip_prefix(&self.base).unwrap_or_default().to_owned()
    }

    /// What a script returns; it is the body of a function and reads `arguments`.
    #[track_caller]
    pub fn script(&self, script: &str, arguments: Value) -> Value {
        self.send("/execute/sync", Some(json!({"script": script, "args": arguments})))
    }

    /// What a script hands to the function that is its last argument.
    #[track_caller]
    pub fn script_later(&self, script: &str, arguments: Value) -> Value {
        self.send("/execute/async", Some(json!({"script": script, "args": arguments})))
    }

    /// A command of the DevTools protocol.
    #[track_caller]
    pub fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.send("/goog/cdp/execute", Some(json!({"cmd": command, "params": parameters})))
    }

    /// Shows pages as on a screen this wide, light or dark; below 500 px as on a phone.
    pub fn screen(&self, width: u32, scheme: &str) {
        let phone = width < 500;
        let size = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": phone});
        self.devtools("Emulation.setDeviceMetricsOverride", size);
        self.devtools("Emulation.setTouchEmulationEnabled", json!({"enabled": phone}));
        let scheme = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": "reduce"}]});
        self.devtools("Emulation.setEmulatedMedia", scheme);
    }

    /// Switches the scripts of pages off or on.
    pub fn scripts(&self, on: bool) {
        self.devtools("Emulation.setScriptExecutionDisabled", json!({"value": !on}));
    }

    /// What is logged of this kind (`browser`, `performance`) since the last call.
    pub fn log(&self, kind: &str) -> Vec<Value> {
        let lines = self.send("/se/log", Some(json!({"type": kind})));
        lines.as_array().cloned().unwrap_or_default()
    }

    /// The first element that a selector finds.
    #[track_caller]
    pub fn find(&self, selector: &str) -> Element<'_> {
        wait_for(selector, || self.try_find(selector))
    }

    /// The first element that a selector finds, when there is one now.
    pub fn try_find(&self, selector: &str) -> Option<Element<'_>> {
        let found = self.try_send("/element", Some(json!({"using": "css selector", "value": selector}))).ok()?;
        Some(Element { browser: self, id: found[ELEMENT].as_str()?.to_owned() })
    }

    /// The text of the page's content as it is shown.
    pub fn text(&self) -> String {
        // A page that goes meanwhile takes its elements with it; the next one is read then.
        let text = wait_for("the content", || self.try_find("main").and_then(|main| main.try_read("text")));
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the content has these words.
    #[track_caller]
    pub fn wait_for_text(&self, words: &str) {
        let shown = || self.try_find("main").and_then(|main| main.try_read("text")).unwrap_or_default();
        wait_for(&format!("{words:?} at {}; there is {}", self.here(), shown()), || {
            shown().as_str().unwrap_or_default().contains(words).then_some(())
        });
    }

    /// Presses keys one after the other, wherever the focus is.
    #[track_caller]
    pub fn press(&self, keys: &str) {
        let steps: Vec<Value> = keys
            .chars()
            .flat_map(|key| [json!({"type": "keyDown", "value": key}), json!({"type": "keyUp", "value": key})])
            .collect();
        self.send("/actions", Some(json!({"actions": [{"type": "key", "id": "keys", "actions": steps}]})));
    }

    /// What the focus is on: `a "Issues"`, `textarea#f-message ""`.
    pub fn focus(&self) -> String {
        let script = "const at = document.activeElement; if (!at) return ''; \
            return `${at.localName}${at.id ? '#' + at.id : ''} \"${(at.ariaLabel ?? at.innerText ?? '').trim().replace(/\\s+/g, ' ')}\"`;";
        self.script(script, json!([])).as_str().unwrap_or_default().to_owned()
    }

    /// Signs in by the form.
    pub fn sign_in(&self, name: &str) {
        self.go("/login");
        self.find("main input[name=name]").write(name);
        self.find("main input[name=password]").write(PASSWORD);
        self.find("main form button").click();
        wait_for("a browser that has signed in", || (!self.here().starts_with("/login")).then_some(()));
    }
}

/// Something on a page.
pub struct Element<'b> {
    browser: &'b Browser,
    id: String,
}

impl Element<'_> {
    /// `text`, `attribute/NAME` or `property/NAME`.
    #[track_caller]
    pub fn read(&self, what: &str) -> Value {
        self.browser.send(&format!("/element/{}/{what}", self.id), None)
    }

    /// The same, or nothing when the page has gone meanwhile.
    pub fn try_read(&self, what: &str) -> Option<Value> {
        self.browser.try_send(&format!("/element/{}/{what}", self.id), None).ok()
    }

    /// Clicks it, as a person does.
    #[track_caller]
    pub fn click(&self) {
        self.browser.send(&format!("/element/{}/click", self.id), Some(json!({})));
    }

    /// Types into it; for a file, its path.
    #[track_caller]
    pub fn write(&self, text: &str) {
        self.browser.send(&format!("/element/{}/value", self.id), Some(json!({"text": text})));
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.agent.delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
