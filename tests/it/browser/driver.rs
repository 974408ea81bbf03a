//! A browser driven by a test: starts the driver and Chromium with a profile of their own, and ends both.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use lis_tests::TestLis;
use lis_tests::program::free_address;
use thirtyfour::prelude::*;

/// How long a page may take to show what is waited for, on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(20);
/// Between two looks at the page.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

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

/// The driver's process; it is ended with the test.
struct Driver {
    child: Child,
    url: String,
}

impl Driver {
    fn start() -> Self {
        let address = free_address();
        let child = Command::new("chromedriver")
            .arg(format!("--port={}", address.port()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("chromedriver: {error} (tests/run installs it)"));
        let driver = Self { child, url: format!("http://127.0.0.1:{}", address.port()) };
        let until = Instant::now() + PATIENCE;
        while std::net::TcpStream::connect(address).is_err() {
            assert!(Instant::now() < until, "chromedriver does not listen");
            std::thread::sleep(LOOK_AGAIN);
        }
        driver
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
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

    /// Types into the first field of a name, in the place of what stands there.
    pub async fn fill(&self, name: &str, text: &str) {
        let field = self.find(&format!("main [name={name}]")).await;
        field.clear().await.expect("an empty field");
        field.send_keys(text).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    pub async fn press(&self, css: &str) {
        self.find(css).await.click().await.unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// Waits until a part of the page shows a text.
    pub async fn shows(&self, css: &str, text: &str) {
        let until = Instant::now() + PATIENCE;
        loop {
            let shown = self.text(css).await;
            if shown.contains(text) {
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
        let Some(folder) = &self.screenshots else {
            return self.open(path).await;
        };
        let back: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
        for language in ["en", "zh-CN"] {
            self.open(&format!("/language/{language}?back={back}")).await;
            let words: String = path.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
            let name = format!("{}-{}-{language}.png", self.test, words.trim_matches('-'));
            std::fs::create_dir_all(folder).expect("the folder of the pictures");
            self.driver.screenshot(&folder.join(name)).await.expect("a picture");
        }
    }
}
