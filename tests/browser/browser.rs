//! A browser, as a person uses it: by the names of buttons, links and fields.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::Duration,
};

use fantoccini::{
    Client, ClientBuilder, Locator,
    actions::{InputSource, KeyAction, KeyActions},
    elements::Element,
    wd::WebDriverCompatibleCommand,
};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::{Method, Url};
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::report_skipped;

/// Longest wait for what the page is to show.
const TIMEOUT: Duration = Duration::from_secs(30);
const INTERVAL: Duration = Duration::from_millis(50);

/// Reports of the policy are counted in the page that they are about.
const COUNT_REPORTS: &str = "window.cspReports = []; \
    document.addEventListener('securitypolicyviolation', \
    (event) => window.cspReports.push(event.violatedDirective));";

/// The driver as a process. It and its browser end with this value, also if a test fails.
struct DriverProcess {
    child: Child,
    port: u16,
    session: Option<String>,
    /// For the browser's temporary files, some of which it leaves behind.
    _folder: TempDir,
}

impl DriverProcess {
    /// `None` if there is no driver on this machine.
    fn start() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = Command::new("chromedriver");
        command.env("TMPDIR", folder.path());
        command.arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().ok()?;
        let lines = BufReader::new(child.stdout.take().expect("an output")).lines();
        let port = lines.map_while(Result::ok).find_map(|line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse().ok()
        });
        Some(Self { child, port: port.expect("the driver's port"), session: None, _folder: folder })
    }

    /// Ends the session, and with it the browser, which outlives a driver that is killed.
    fn end_session(&self, session: &str) -> std::io::Result<()> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        write!(
            stream,
            "DELETE /session/{session} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )?;
        // The driver keeps the connection open: its first bytes say that the browser has ended.
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.read(&mut [0; 512]).map(drop)
    }
}

impl Drop for DriverProcess {
    fn drop(&mut self) {
        if let Some(session) = &self.session {
            self.end_session(session).ok();
        }
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A command that only chromium's driver has.
#[derive(Debug)]
struct ChromiumCommand {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for ChromiumCommand {
    fn endpoint(
        &self,
        base: &Url,
        session: Option<&str>,
    ) -> Result<Url, <Url as std::str::FromStr>::Err> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

/// A window of a browser, at the page of the server at `base`.
pub struct Browser {
    client: Client,
    base: String,
}

/// Runs `test` with a browser in `language` at the page of the server at `base`. In the end nothing
/// but that server was asked, and neither the page nor its policy has complained.
pub async fn with_browser(language: &str, base: &str, test: impl AsyncFnOnce(&Browser)) {
    with_careless_browser(language, base, async |browser| {
        test(browser).await;
        browser.assert_no_complaint(&[]).await;
    })
    .await;
}

/// [`with_browser`] for tests in which the server fails or refuses: they check complaints
/// themselves.
pub async fn with_careless_browser(language: &str, base: &str, test: impl AsyncFnOnce(&Browser)) {
    let Some(mut process) = DriverProcess::start() else {
        report_skipped("no chromedriver: apt-get install chromium chromium-driver");
        return;
    };
    let url = format!("http://127.0.0.1:{}", process.port);
    let mut builder = ClientBuilder::new(HttpConnector::new());
    let client = builder.capabilities(capabilities(language)).connect(&url).await;
    let client = client.expect("a browser");
    process.session = client.session_id().await.expect("a session");
    let browser = Browser { client, base: base.to_owned() };
    let script = json!({ "source": COUNT_REPORTS });
    browser.cdp("Page.addScriptToEvaluateOnNewDocument", script).await;
    browser.goto("/").await;
    test(&browser).await;
}

fn capabilities(language: &str) -> Map<String, Value> {
    let capabilities = json!({
        "goog:chromeOptions": { "args": [
            "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--mute-audio",
            "--window-size=1280,900", "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream", format!("--lang={language}"),
            format!("--accept-lang={language}"),
        ] },
        "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
    });
    let Value::Object(capabilities) = capabilities else { unreachable!("an object") };
    capabilities
}

impl Browser {
    pub async fn goto(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.base)).await.expect("a page");
    }

    pub async fn reload(&self) {
        self.client.refresh().await.expect("a page");
    }

    pub async fn path(&self) -> String {
        let url = self.client.current_url().await.expect("an address").to_string();
        url.strip_prefix(&self.base).expect("a page of the server").to_owned()
    }

    /// Runs a script; returns its result.
    pub async fn script(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.client.execute(script, arguments).await.expect("a script")
    }

    /// Runs a script that calls its last argument with the result.
    pub async fn async_script(&self, script: &str) -> Value {
        self.client.execute_async(script, vec![]).await.expect("a script")
    }

    pub async fn cdp(&self, method: &str, parameters: Value) -> Value {
        let body = json!({ "cmd": method, "params": parameters });
        let command = ChromiumCommand { path: "goog/cdp/execute", body };
        self.client.issue_cmd(command).await.expect(method)
    }

    /// All text that the page shows.
    pub async fn text(&self) -> String {
        let text = self.script("return document.body.innerText", vec![]).await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the page shows a text.
    pub async fn sees(&self, expected: &str) {
        self.wait_for(expected, async || self.text().await.contains(expected)).await;
    }

    /// Waits until the page does not show a text any more.
    pub async fn sees_no(&self, text: &str) {
        self.wait_for(text, async || !self.text().await.contains(text)).await;
    }

    pub async fn wait_for(&self, name: &str, mut condition: impl AsyncFnMut() -> bool) {
        let end = Instant::now() + TIMEOUT;
        while !condition().await {
            if Instant::now() > end {
                panic!("waited in vain: {name}\n{}", self.text().await);
            }
            sleep(INTERVAL).await;
        }
    }

    /// The first element of an XPath that is displayed.
    async fn displayed(&self, xpath: &str) -> Option<Element> {
        for element in self.client.find_all(Locator::XPath(xpath)).await.ok()? {
            // One that has gone meanwhile is not displayed.
            if element.is_displayed().await.unwrap_or_default() {
                return Some(element);
            }
        }
        None
    }

    async fn find(&self, name: &str, xpath: &str) -> Element {
        let mut found = None;
        self.wait_for(name, async || {
            found = self.displayed(xpath).await;
            found.is_some()
        })
        .await;
        found.expect(name)
    }

    /// Clicks what an XPath finds, as soon as nothing is in front of it.
    async fn click(&self, name: &str, xpath: &str) {
        self.wait_for(name, async || match self.displayed(xpath).await {
            // The page ignores a click while it is busy, and says so to screen readers.
            Some(element) => {
                let is_disabled = element.attr("aria-disabled").await.ok().flatten();
                is_disabled.as_deref() != Some("true") && element.click().await.is_ok()
            }
            None => false,
        })
        .await;
    }

    /// Waits for the button or link with this name.
    pub async fn control(&self, name: &str) {
        self.find(name, &control(name)).await;
    }

    /// Clicks the button or link with this name.
    pub async fn press(&self, name: &str) {
        self.click(name, &control(name)).await;
    }

    pub async fn has_control(&self, name: &str) -> bool {
        self.displayed(&control(name)).await.is_some()
    }

    /// The field with this label.
    pub async fn field(&self, label: &str) -> Element {
        let xpath = format!("//*[@id=//label[normalize-space(.)='{label}']/@for]");
        self.find(label, &xpath).await
    }

    /// Types into the field with this label.
    pub async fn fill(&self, label: &str, text: &str) {
        self.field(label).await.send_keys(text).await.expect(label);
    }

    /// Chooses the option with this text.
    pub async fn choose(&self, label: &str, option: &str) {
        let xpath = format!(
            "//select[@id=//label[normalize-space(.)='{label}']/@for]\
             /option[normalize-space(.)='{option}']"
        );
        self.click(option, &xpath).await;
    }

    /// Follows the first link of a list with this class.
    pub async fn open_first(&self, list: &str) {
        self.click(list, &format!("//*[@class='{list}']//a")).await;
    }

    /// Sends a typed message, after the turn before.
    pub async fn say(&self, words: &str) {
        self.sees_no("The coach is thinking").await;
        self.fill("Type a message", words).await;
        self.press("Send").await;
        self.sees(words).await;
    }

    /// Clicks a star.
    pub async fn rate(&self, stars: &str) {
        let script = "document.querySelector(`input[aria-label=\"${arguments[0]}\"]`).click()";
        self.script(script, vec![json!(stars)]).await;
    }

    /// Presses keys, wherever the focus is.
    pub async fn keys(&self, keys: &str) {
        let actions = keys.chars().fold(KeyActions::new("keys".into()), |actions, value| {
            actions.then(KeyAction::Down { value }).then(KeyAction::Up { value })
        });
        self.client.perform_actions(actions).await.expect("keys");
    }

    /// The name of what has the focus.
    pub async fn focus(&self) -> String {
        let script = "const element = document.activeElement; \
            return element.getAttribute('aria-label') || element.labels?.[0]?.innerText \
                || element.innerText || element.tagName";
        let name = self.script(script, vec![]).await;
        name.as_str().unwrap_or_default().trim().to_owned()
    }

    /// Presses Tab until a control has the focus.
    pub async fn tab_to(&self, name: &str) {
        for _ in 0..40 {
            if self.focus().await == name {
                return;
            }
            self.keys("\u{e004}").await;
        }
        panic!("Tab does not reach {name}");
    }

    /// Sets the size of the window.
    pub async fn resize(&self, width: u32, height: u32) {
        let size = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false,
        });
        self.cdp("Emulation.setDeviceMetricsOverride", size).await;
    }

    async fn log(&self, kind: &str) -> Vec<Value> {
        let command = ChromiumCommand { path: "se/log", body: json!({ "type": kind }) };
        let log = self.client.issue_cmd(command).await.expect("a log");
        log.as_array().expect("a list").clone()
    }

    /// Fails if the page has sent a request elsewhere, has written an error into the console, or
    /// has broken its policy. `expected` are parts of errors that the test has caused: browsers
    /// write one for each response with an error status.
    pub async fn assert_no_complaint(&self, expected: &[&str]) {
        let reports = self.script("return window.cspReports", vec![]).await;
        assert_eq!(reports, json!([]), "the policy was broken");
        for entry in self.log("browser").await {
            let message = entry["message"].as_str().expect("text");
            let is_expected = expected.iter().any(|part| message.contains(part));
            assert!(entry["level"] != "SEVERE" || is_expected, "{message}");
        }
        for entry in self.log("performance").await {
            let event = entry["message"].as_str().expect("text");
            let event: Value = serde_json::from_str(event).expect("JSON");
            let message = &event["message"];
            if message["method"] != "Network.requestWillBeSent" {
                continue;
            }
            let url = message["params"]["request"]["url"].as_str().expect("an address");
            let is_own = url.starts_with(&format!("{}/", self.base));
            let is_inner = ["data:", "blob:", "about:"].iter().any(|kind| url.starts_with(kind));
            assert!(is_own || is_inner, "a request left the origin: {url}");
        }
    }
}

fn control(name: &str) -> String {
    format!("//*[self::button or self::a][normalize-space(.)='{name}']")
}
