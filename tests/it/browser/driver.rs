//! A browser driven by a test: starts the driver and Chromium with a profile of their own, and ends both.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use lis_tests::TestLis;
use lis_tests::program::{Running, free_address};
use thirtyfour::prelude::*;

/// How long a page may take to show what is waited for, on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(20);
/// Between two looks at the page.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Width and height of the window, in CSS pixels.
const WINDOW: (u32, u32) = (1280, 1000);
/// Pictures are no higher than this, in CSS pixels.
const PICTURE_HIGHEST: u32 = 4000;

/// Headless; no background traffic of the browser's own; no sandbox, because tests may run as root in a container and
/// visit nothing but the server under test.
const FLAGS: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1280,1000",
];

/// The driver's process.
struct Driver {
    _program: Running,
    url: String,
}

impl Driver {
    fn start() -> Self {
        let address = free_address();
        let program = Command::new("chromedriver")
            .arg(format!("--port={}", address.port()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("chromedriver: {error} (tests/run installs it)"));
        let driver = Self { _program: Running(program), url: format!("http://127.0.0.1:{}", address.port()) };
        let until = Instant::now() + PATIENCE;
        while std::net::TcpStream::connect(address).is_err() {
            assert!(Instant::now() < until, "chromedriver does not listen");
            std::thread::sleep(LOOK_AGAIN);
        }
        driver
    }
}

/// A browser on one laboratory.
pub struct Browser {
    driver: WebDriver,
    base: String,
    test: String,
    screenshots: Option<PathBuf>,
}

/// Whether browser tests are wanted; if not, says aloud that the test did not run.
pub fn browser_is_there(test: &str) -> bool {
    let wanted = std::env::var_os("LIS_TEST_BROWSER").is_some();
    if !wanted {
        // Straight to the terminal: the test runner keeps what a passing test prints to itself.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED in the browser: {test}: LIS_TEST_BROWSER is not set (tests/run sets it)"
        );
    }
    wanted
}

/// Runs a test in a fresh browser.
pub fn in_browser(lis: &TestLis, test: &str, act: impl AsyncFnOnce(&Browser)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let profile = tempfile::TempDir::new().expect("a directory");
    let driver = Driver::start();
    let mut flags = DesiredCapabilities::chrome();
    for flag in FLAGS {
        flags.add_arg(flag).expect("a flag");
    }
    flags.add_arg(&format!("--user-data-dir={}", profile.path().display())).expect("a flag");
    let session = runtime.block_on(WebDriver::new(&driver.url, flags)).expect("Chromium starts");
    let browser = Browser {
        driver: session,
        base: lis.base(),
        test: test.to_owned(),
        screenshots: std::env::var_os("LIS_SCREENSHOTS").map(PathBuf::from),
    };
    let done = catch_unwind(AssertUnwindSafe(|| runtime.block_on(act(&browser))));
    // Whatever became of the test, Chromium ends.
    let ended = runtime.block_on(browser.driver.quit());
    if let Err(panic) = done {
        resume_unwind(panic);
    }
    ended.expect("Chromium ends");
}

impl Browser {
    pub async fn open(&self, path: &str) {
        self.driver.goto(format!("{}{path}", self.base)).await.unwrap_or_else(|error| panic!("{path}: {error}"));
    }

    /// Path and query of the page that is shown.
    pub async fn path(&self) -> String {
        let url = self.driver.current_url().await.expect("an address");
        url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
    }

    async fn find(&self, css: &str) -> WebElement {
        let until = Instant::now() + PATIENCE;
        loop {
            match self.driver.find(By::Css(css)).await {
                Ok(found) => return found,
                Err(error) => assert!(Instant::now() < until, "{}: {css}: {error}", self.path().await),
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// Signs in by the form, as a person does, in Chinese; who was signed in before is signed out.
    pub async fn sign_in(&self, username: &str, password: &str) {
        self.open("/sign-in").await;
        self.driver.delete_all_cookies().await.expect("no cookies");
        self.open("/language/zh-CN?back=/sign-in").await;
        self.fill("username", username).await;
        self.fill("password", password).await;
        self.press("main form button[type=submit]").await;
        self.sees("details.menu").await;
    }

    /// Types into the first field of a name, in the place of what stands there.
    pub async fn fill(&self, name: &str, text: &str) {
        self.fill_at(&format!("main [name='{name}']"), text).await;
    }

    /// Types into the first field that a selector finds.
    pub async fn fill_at(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        field.clear().await.unwrap_or_else(|error| panic!("{css}: {error}"));
        field.send_keys(text).await.unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// Types the signing password where the page asks for it: it does not while a grant of the demonstration still holds.
    pub async fn sign_with(&self, password: &str) {
        if self.has("main [name='signing_password']").await {
            self.fill("signing_password", password).await;
        }
    }

    /// Opens a signing grant where the page asks for one first.
    pub async fn open_grant(&self, password: &str) {
        self.sign_with(password).await;
        if self.has("form[action='/signing']").await {
            self.submit("form[action='/signing'] button[type=submit]").await;
        }
    }

    /// Sets a date, a date with time or a list to a value: what a person picks there depends on the browser's language.
    pub async fn pick(&self, name: &str, value: &str) {
        let field = self.find(&format!("main [name='{name}']")).await;
        let script = "arguments[0].value = arguments[1]; \
                      for (const kind of ['input', 'change']) arguments[0].dispatchEvent(new Event(kind, { bubbles: true })); \
                      return arguments[0].value;";
        let element = field.to_json().expect("a reference to the field");
        let done = self.driver.execute(script, vec![element, value.into()]).await;
        let done = done.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(done.json(), value, "{name} takes no {value}");
    }

    /// Presses a box or button of a name with a value.
    pub async fn choose(&self, name: &str, value: &str) {
        self.press(&format!("main [name='{name}'][value='{value}']")).await;
    }

    /// Chooses a file to be sent.
    pub async fn attach(&self, name: &str, path: &Path) {
        let field = self.find(&format!("main [name='{name}']")).await;
        field.send_keys(path.display().to_string()).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    /// Scans a code: a burst of keys that ends with Enter, wherever the focus stands.
    pub async fn scan(&self, code: &str) {
        let keys = format!("{code}{}", Key::Enter.value());
        self.find("body").await.send_keys(keys).await.unwrap_or_else(|error| panic!("{code}: {error}"));
    }

    /// Types keys where the focus stands.
    pub async fn keys(&self, keys: impl std::fmt::Display) {
        let focused = self.driver.active_element().await.expect("something has the focus");
        focused.send_keys(keys.to_string()).await.unwrap_or_else(|error| panic!("{keys}: {error}"));
    }

    /// Presses what a selector finds, scrolled into the middle of the window: bars stick to its edges.
    pub async fn press(&self, css: &str) {
        let until = Instant::now() + PATIENCE;
        loop {
            let found = self.find(css).await;
            let element = found.to_json().expect("a reference to the element");
            // Either may fail while a part of the page is being replaced.
            let _ = self.driver.execute("arguments[0].scrollIntoView({ block: 'center' })", vec![element]).await;
            match found.click().await {
                Ok(()) => return,
                Err(error) => assert!(Instant::now() < until, "{}: {css}: {error}", self.path().await),
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// Presses a button that sends a form, and waits until another page is there: what this one says may be the same.
    pub async fn submit(&self, css: &str) {
        self.told("document.body.dataset.before = 'sent'").await;
        self.press(css).await;
        let until = Instant::now() + PATIENCE;
        loop {
            let gone = "return document.readyState === 'complete' && !document.body.dataset.before";
            // No page at all while the next one is coming.
            let told = self.driver.execute(gone, Vec::new()).await.ok().map(|told| told.json().clone());
            if told == Some(serde_json::Value::Bool(true)) {
                return;
            }
            assert!(Instant::now() < until, "{}: {css} leads nowhere", self.path().await);
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// Waits until something is there.
    pub async fn sees(&self, css: &str) {
        self.find(css).await;
    }

    /// Whether something is there now.
    pub async fn has(&self, css: &str) -> bool {
        self.driver.find(By::Css(css)).await.is_ok()
    }

    /// What a script says of the page.
    pub async fn told(&self, script: &str) -> serde_json::Value {
        match self.driver.execute(script, Vec::new()).await {
            Ok(told) => told.json().clone(),
            Err(error) => panic!("{}: {error}", self.path().await),
        }
    }

    /// Makes the window as wide and high as this, in CSS pixels.
    pub async fn resize(&self, width: u32, height: u32) {
        let size = serde_json::json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        let command = "Emulation.setDeviceMetricsOverride";
        self.driver.cdp().send_raw(command, size).await.expect("a window of that size");
    }

    /// Waits until a part of the page shows a text.
    pub async fn shows(&self, css: &str, text: &str) {
        let until = Instant::now() + PATIENCE;
        loop {
            let shown = self.text(css).await;
            // How the browser breaks its lines does not matter.
            let line = shown.split_whitespace().collect::<Vec<_>>().join(" ");
            if line.contains(text) || shown.contains(text) {
                return;
            }
            assert!(Instant::now() < until, "{}: {css} shows {shown:?}, not {text:?}", self.path().await);
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// The text of a part of the page as it is shown; empty while the page is changing.
    pub async fn text(&self, css: &str) -> String {
        self.find(css).await.text().await.unwrap_or_default()
    }

    /// Opens a page in both languages, saves a picture of each if pictures are wanted, and comes back to it in Chinese.
    pub async fn shot(&self, path: &str) {
        if self.screenshots.is_none() {
            return self.open(path).await;
        }
        for language in ["en", "zh-CN"] {
            self.open_in(language, path).await;
            let words: String = path.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
            self.picture(&format!("{}-{language}", words.trim_matches('-'))).await;
        }
    }

    /// Opens a page in a language.
    pub async fn open_in(&self, language: &str, path: &str) {
        let back: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
        self.open(&format!("/language/{language}?back={back}")).await;
    }

    /// Saves a picture of the whole page as it stands, if pictures are wanted.
    pub async fn picture(&self, name: &str) {
        let Some(folder) = &self.screenshots else { return };
        std::fs::create_dir_all(folder).expect("the folder of the pictures");
        let width = self.told("return window.innerWidth").await.as_u64().and_then(|width| u32::try_from(width).ok());
        let height = self.told("return Math.ceil(document.documentElement.scrollHeight)").await;
        let height = height.as_u64().and_then(|height| u32::try_from(height).ok()).unwrap_or_default();
        let (width, before) = (width.unwrap_or(WINDOW.0), WINDOW.1);
        // A page of any length fits into one picture up to here; the rest is left out.
        self.resize(width, height.clamp(before, PICTURE_HIGHEST)).await;
        let path = folder.join(format!("{}-{name}.png", self.test));
        self.driver.screenshot(&path).await.expect("a picture");
        self.resize(width, before).await;
    }
}
