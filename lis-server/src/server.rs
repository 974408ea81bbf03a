//! The HTTP server: puts routes and guards together and listens.

use std::net::TcpListener;
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, HttpServer};
use tracing::info;

use crate::accounts::actions::ShippedRegion;
use crate::accounts::doors::Doors;
use crate::accounts::extract::{Anyone, identify};
use crate::accounts::pace::Pace;
use crate::accounts::{self, Actor};
use crate::app::Lis;
use crate::catalogue::actions::store_shipped;
use crate::catalogue::reference::shipped_regions;
use crate::config::Config;
use crate::db::{Db, DbOptions};
use crate::domain::clock::Clock;
use crate::domain::refusal::{Fault, Outcome};
use crate::files::Files;
use crate::front;
use crate::jobs::Bell;
use crate::mail::Mailer;
use crate::pdf::{self, Typesetter};
use crate::quality::competence::DECLARATION_MISSING;
use crate::web::health::observe;
use crate::web::manual::manual;
use crate::web::openapi::{self as web_openapi, ApiDocument};
use crate::web::problem::dress;
use crate::web::reading::{HELD_LIMIT_BYTES, query_config};
use crate::web::routes::{RouteInfo, Routes};
use crate::web::shapes::Shapes;
use crate::web::{Answer, Ui, assets, security};

/// Seconds that running requests get when the server is asked to stop.
const SHUTDOWN_S: u64 = 20;

/// Opens everything that requests use.
pub fn open(config: Config, clock: Arc<dyn Clock>, count_statements: bool) -> Result<Lis, StartError> {
    let options =
        DbOptions { address: config.database.clone(), connections: config.database_connections, count_statements };
    let db = Db::open(options, clock.clone())?;
    let files = Files::open(config.data.join("files"))?;
    let typesetter = Typesetter::new(&pdf::Options {
        template_directory: config.templates.clone(),
        font_directory: config.fonts.clone(),
    })?;
    let mailer = config.smtp_url.as_deref().map(|url| Mailer::new(url, config.mail_from.as_deref())).transpose()?;
    let pace = Arc::new(Pace::new(config.token_requests_per_minute));
    let doors = Arc::new(Doors::new(config.failed_sign_ins_per_address, config.public_requests_per_address));
    Ok(Lis {
        db,
        clock,
        config: Arc::new(config),
        files,
        typesetter,
        mailer,
        bell: Bell::default(),
        put_off: Arc::default(),
        watch: Arc::default(),
        pace,
        doors,
        metrics: Arc::default(),
    })
}

/// Why the program cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("{0}")]
    Database(#[from] crate::db::OpenError),
    #[error("The store of files cannot be used: {0}.")]
    Files(#[from] crate::files::FileError),
    #[error("{0}")]
    Templates(#[from] pdf::PdfError),
    #[error("{0}.")]
    Mail(#[from] crate::mail::MailerError),
}

/// Puts what the program ships into the database, where it is not there yet: regions, sets of the catalogue.
pub fn prepare(lis: &Lis) -> Outcome<()> {
    store_shipped(&lis.db)?;
    let shipped = shipped_regions().map_err(|errors| Fault::broken(format!("shipped regions: {errors:?}")))?;
    let by = Actor::system("start", "shipped reference data");
    lis.db.write_now(move |tx| {
        let regions: Vec<ShippedRegion> = shipped
            .iter()
            .map(|region| ShippedRegion { code: &region.code, name_zh: &region.name_zh, name_en: &region.name_en })
            .collect();
        accounts::actions::ensure_regions(tx, &by, &regions)
    })
}

/// Which pages an address serves: laboratory and public faces can be kept apart by a firewall.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Face {
    All,
    /// Only what enterprises, regulators and the public use.
    Public,
}

/// Serves until the handle is told to stop. Returns the server's future and its handle.
pub fn serve(
    lis: Lis,
    listener: TcpListener,
    face: Face,
    workers: usize,
) -> std::io::Result<(impl Future<Output = std::io::Result<()>> + use<>, ServerHandle)> {
    let metrics = Data::from(lis.metrics.clone());
    let lis = Data::new(lis);
    let address = listener.local_addr()?;
    let server = HttpServer::new(move || {
        App::new()
            .app_data(lis.clone())
            .app_data(metrics.clone())
            .app_data(web::PayloadConfig::new(HELD_LIMIT_BYTES))
            .app_data(query_config())
            .wrap(Compress::default())
            .wrap(from_fn(security::guard))
            .wrap(from_fn(identify))
            .wrap(from_fn(dress))
            .wrap(from_fn(observe))
            .wrap(from_fn(security::headers))
            .service(web::resource("/static/{file:.+}").route(web::get().to(assets::serve)))
            .configure(|config| routes_of(face).configure(config))
            .default_service(web::to(|| async { HttpResponse::NotFound().finish() }))
    })
    .workers(workers)
    .shutdown_timeout(SHUTDOWN_S)
    .disable_signals()
    .listen(listener)?
    .run();
    info!(%address, "Listening");
    let handle = server.handle();
    Ok((server, handle))
}

const FIGURES: &str = "/metrics";

fn routes_of(face: Face) -> Routes {
    let all = front::routes()
        .get("/health/live", live)
        .get("/health/ready", ready)
        .get(FIGURES, figures)
        .get("/api", api_manual)
        .and(
            Routes::new()
                .get("/api/v1/openapi.json", openapi)
                .about("This document.")
                .gives::<ApiDocument>()
                .of_room("web", &[]),
        );
    match face {
        Face::All => all,
        // Figures are for the laboratory's own watchers.
        Face::Public => all.only(|route| route.path != FIGURES && front::is_public(route)),
    }
}

async fn openapi(_: Anyone, lis: Data<Lis>) -> Answer {
    Ok(HttpResponse::Ok().json(api_document(&lis)))
}

async fn api_manual(_: Anyone, ui: Ui, lis: Data<Lis>) -> Answer {
    manual(ui, &api_document(&lis))
}

/// The description of the API.
pub fn api_document(lis: &Lis) -> serde_json::Value {
    let gate =
        [accounts::SIGN_IN_NEEDED, accounts::PASSWORD_MUST_CHANGE, DECLARATION_MISSING, accounts::TOO_MANY_REQUESTS];
    web_openapi::document(&api_shapes(), &gate, &lis.config.laboratory_name)
}

/// The routes of the API with their shapes, for the document and its guard test.
pub fn api_shapes() -> Vec<(RouteInfo, Shapes)> {
    routes_of(Face::All).shapes()
}

/// The list of routes for the reference and the guard tests.
pub fn route_infos() -> Vec<RouteInfo> {
    routes_of(Face::All).infos()
}

async fn live(_: Anyone) -> Answer {
    Ok(HttpResponse::Ok().content_type("text/plain").body("alive\n"))
}

async fn ready(_: Anyone, lis: Data<Lis>) -> Answer {
    lis.db.read(|conn| Ok(crate::db::ping(conn)?)).await?;
    Ok(HttpResponse::Ok().content_type("text/plain").body("ready\n"))
}

async fn figures(_: Anyone, lis: Data<Lis>) -> Answer {
    let real = lis.clock.real();
    let counted = lis
        .db
        .read(move |conn| {
            let count = |(name, help, count): &front::Figure| Ok((*name, *help, count(conn, real)?));
            front::FIGURES.iter().map(count).collect::<Outcome<Vec<_>>>()
        })
        .await?;
    let text = lis.metrics.text(&counted).map_err(Fault::broken)?;
    Ok(HttpResponse::Ok().content_type("application/openmetrics-text; version=1.0.0; charset=utf-8").body(text))
}

#[cfg(test)]
pub mod tests {
    //! A laboratory for the tests of all rooms: an empty database in a directory of its own.

    use std::sync::OnceLock;

    use clap::Parser;
    use diesel::connection::SimpleConnection;
    use diesel::{Connection, SqliteConnection};

    use super::*;
    use crate::config::Settings;
    use crate::db::DatabaseAddress;
    use crate::db::migrate::migrate;
    use crate::domain::clock::{Moment, ScriptedClock};

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        settings: Settings,
    }

    /// Keeps what is logged.
    struct Kept(Arc<std::sync::Mutex<Vec<u8>>>);

    impl std::io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("nobody panicked while logging").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// What this thread logs while something is done.
    pub fn logged(act: impl FnOnce()) -> String {
        let written = Arc::new(std::sync::Mutex::new(Vec::new()));
        let writer = written.clone();
        let log = tracing_subscriber::fmt().with_ansi(false).with_writer(move || Kept(writer.clone())).finish();
        tracing::subscriber::with_default(log, act);
        let written = written.lock().expect("nobody panicked while logging").clone();
        String::from_utf8(written).expect("a log in UTF-8")
    }

    /// The laboratory's clock stands at 2026-11-16 08:00. Statements inside writes are counted.
    pub fn laboratory() -> (tempfile::TempDir, Lis) {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let data = directory.path().to_str().expect("a path in UTF-8");
        let line = Line::parse_from(["test", "--data", data, "--public-url", "https://lis.example"]);
        let config = line.settings.checked().expect("the settings are valid");
        let DatabaseAddress::Sqlite(file) = &config.database else { unreachable!("the database of a data directory") };
        std::fs::write(file, shipped()).expect("a writable temporary directory");
        (directory, open(config, clock(), true).expect("a laboratory"))
    }

    fn clock() -> Arc<ScriptedClock> {
        Arc::new(ScriptedClock::starting_at(Moment::parse_in_china("2026-11-16 08:00").expect("a time")))
    }

    /// The file of a database with the shipped catalogue and nothing else, made once and copied for each test.
    pub fn shipped() -> &'static [u8] {
        static FILE: OnceLock<Vec<u8>> = OnceLock::new();
        FILE.get_or_init(|| {
            let directory = tempfile::tempdir().expect("a temporary directory");
            let (file, whole) = (directory.path().join("lis.db"), directory.path().join("whole.db"));
            let address = DatabaseAddress::Sqlite(file.clone());
            migrate(&address).expect("the tables can be made");
            let db = Db::open(DbOptions { address, connections: 1, count_statements: false }, clock());
            store_shipped(&db.expect("the database opens")).expect("the shipped catalogue");
            // One file, whatever still stands in the journal beside it.
            let mut conn = SqliteConnection::establish(file.to_str().expect("a path in UTF-8")).expect("it opens");
            conn.batch_execute(&format!("VACUUM INTO '{}'", whole.display())).expect("a copy");
            std::fs::read(whole).expect("the copied file")
        })
    }
}
