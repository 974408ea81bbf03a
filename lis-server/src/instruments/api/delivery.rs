//! What agents bring and ask: their messages, the work lists of their instruments.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::http::header::{ETAG, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse, web};
use instrument_drivers::agent::Delivery;
use instrument_drivers::agent::http::DELIVERY_LIMIT_BYTES;
use instrument_drivers::work::{Dispatch, Work, WorkList};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayBuilder, KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};

use super::super::actions::{self, Batch};
use crate::accounts::May;
use crate::accounts::role::DeliverMessages;
use crate::app::Lis;
use crate::domain::refusal::Fault;
use crate::web::misread;
use crate::web::paging::Listed;
use crate::web::problem::{PROBLEM_JSON, ProblemDocument};
use crate::web::reading::{BODY_INVALID, BODY_TOO_LARGE, document};
use crate::web::routes::Routes;
use crate::web::upload::announced_bytes;
use crate::web::{Answer, Asked, Ui};

pub fn routes() -> Routes {
    Routes::new()
        .post("/api/v1/agent/messages", messages)
        .about("Stores what an agent brings, each byte once, and how it stands. What is stored already is passed over.")
        .takes::<AgentMessages>()
        .gives::<Stored>()
        .refuses_as::<MessagesMissing>(409)
        .get("/api/v1/agent/worklists", work_lists)
        .about("What waits at instruments that ask, from open worksheets. `If-None-Match` with the `ETag` of an earlier answer: 304 while it is as it was.")
        .gives::<Listed<WorkListView>>()
}

/// Consecutive messages of one stream, as `instrument-agent` sends them. The type itself belongs to the agent's crate,
/// which knows nothing of this document.
struct AgentMessages;

impl utoipa::ToSchema for AgentMessages {}

impl utoipa::PartialSchema for AgentMessages {
    fn schema() -> RefOr<Schema> {
        let text = |about: &str| ObjectBuilder::new().schema_type(Type::String).description(Some(about));
        let moment = SchemaFormat::KnownFormat(KnownFormat::DateTime);
        let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1));
        let message = ObjectBuilder::new()
            .property("agent", text("Name of the agent in its configuration."))
            .required("agent")
            .property("stream", text("UUID of the spool that the numbers belong to."))
            .required("stream")
            .property("seq", number.description(Some("Number in the stream, from 1, without a hole.")))
            .required("seq")
            .property("instrument", text("Code of the instrument."))
            .required("instrument")
            .property("kind", text("`message` (complete), `file` (whole), `partial` (never completed) or `withheld` (a note in the place of a message that the server did not take)."))
            .required("kind")
            .property("received_at", text("When the last byte came.").format(Some(moment)))
            .required("received_at")
            .property("sha256", text("SHA-256 of the bytes, 64 hexadecimal digits."))
            .required("sha256")
            .property("bytes", text("The bytes in base64, standard alphabet with padding."))
            .required("bytes")
            .property("file_name", text("Of a file."));
        let messages =
            ArrayBuilder::new().items(message).description(Some("None when the agent only says that it lives."));
        let status = ObjectBuilder::new().description(Some(
            "How the agent stands: shown. By its time it is known how long the messages beside it have waited.",
        ));
        ObjectBuilder::new().property("messages", messages).property("status", status).into()
    }
}

/// How far a stream is stored, and what waits for a person.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = MessagesStored)]
struct Stored {
    /// The highest number of the stream below which nothing is missing.
    stored: u64,
    /// Rows that wait for a person, by the code of each instrument that the batch or its status names. The messages of the batch
    /// itself are not read yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    held: Option<BTreeMap<String, i64>>,
}

/// A batch that begins beyond what is stored (`messages-hole`): the agent goes back to the number that the server names. Or one
/// in which a number comes again with another message (`messages-differ`): the agent begins a new stream.
#[derive(Serialize, utoipa::ToSchema)]
struct MessagesMissing {
    #[serde(flatten)]
    problem: ProblemDocument,
    /// Of a batch that begins beyond it.
    #[serde(skip_serializing_if = "Option::is_none")]
    stored: Option<u64>,
}

/// A batch is what `instrument-agent` sends: messages, and how the agent stands. The answer is the highest stored number, and how
/// many rows wait for a person.
async fn messages(by: May<DeliverMessages>, lis: web::Data<Lis>, req: HttpRequest, body: web::Payload) -> Answer {
    let too_large = || Fault::from(BODY_TOO_LARGE.with("limit", DELIVERY_LIMIT_BYTES).at("body"));
    if announced_bytes(&req).is_some_and(|length| length > DELIVERY_LIMIT_BYTES as u64) {
        return Err(too_large().into());
    }
    let body = body
        .to_bytes_limited(DELIVERY_LIMIT_BYTES)
        .await
        .map_err(|_| too_large())?
        .map_err(|_| Fault::from(BODY_INVALID.reason().with_word("detail", misread::BROKEN_OFF).at("body")))?;
    let batch = web::block(move || {
        // An object, or a bare list of messages, as the agents before it sent.
        let delivery = match body.trim_ascii_start().first() {
            Some(b'[') => Delivery { messages: document(&body)?, status: None },
            _ => document(&body)?,
        };
        Ok::<_, Fault>(Batch::open(delivery)?)
    })
    .await
    .map_err(Fault::broken)??;
    let (batch, language, real) = (Arc::new(batch), Ui::of(&req).language, lis.clock.real());
    let brings = !batch.messages.is_empty();
    let kept = batch.clone();
    let stored = lis.db.write(move |tx| actions::deliver(tx, &by, &kept, real)).await;
    match stored {
        Ok(stored) => {
            if brings {
                lis.bell.ring();
            }
            // What is stored is stored, whether this can be told or not.
            let held = lis.db.read(move |conn| actions::held_of_batch(conn, &batch)).await.ok();
            Ok(HttpResponse::Ok().json(Stored { stored, held }))
        }
        Err(Fault::Refused(refusal)) => match actions::stored_before_hole(&refusal) {
            Some(stored) => {
                let problem = ProblemDocument::of(&refusal, language);
                let missing = MessagesMissing { problem, stored: Some(stored) };
                let text = serde_json::to_string(&missing).map_err(Fault::broken)?;
                Ok(HttpResponse::Conflict().content_type(PROBLEM_JSON).body(text))
            }
            None => Err(refusal.into()),
        },
        Err(fault) => Err(fault.into()),
    }
}

#[derive(Deserialize, Default, utoipa::IntoParams)]
#[serde(default)]
struct WorkListQuery {
    /// Code of an instrument; left out: every instrument.
    instrument: Option<String>,
}

/// What waits at one instrument.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = InstrumentWorkList)]
struct WorkListView {
    /// Code of the instrument.
    instrument: String,
    samples: Vec<WorkView>,
    /// What persons have sent and no agent has said of yet how it went.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dispatches: Vec<WaitingDispatch>,
}

/// A worksheet on its way to the instrument: its orders, or its sequence file.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = WaitingDispatch)]
struct WaitingDispatch {
    id: i64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    samples: Vec<WorkView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<WaitingFile>,
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = WaitingFile)]
struct WaitingFile {
    name: String,
    /// Base64, standard alphabet with padding.
    bytes: String,
}

/// What is to be measured of one container.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = InstrumentWork)]
struct WorkView {
    /// The code on the container, or of a control on its worksheet.
    label_code: String,
    /// As the instrument calls them.
    tests: Vec<String>,
    /// Keys of analytes for which the instrument has no name yet, or several.
    unnamed: Vec<String>,
    /// Tests of open worksheets that are wanted no more, as the instrument calls them.
    cancelled: Vec<String>,
}

impl From<Work> for WorkView {
    fn from(work: Work) -> Self {
        Self { label_code: work.label_code, tests: work.tests, unnamed: work.unnamed, cancelled: work.cancelled }
    }
}

impl From<Dispatch> for WaitingDispatch {
    fn from(dispatch: Dispatch) -> Self {
        Self {
            id: dispatch.id,
            samples: dispatch.samples.into_iter().map(WorkView::from).collect(),
            file: dispatch.file.map(|file| WaitingFile { name: file.name, bytes: file.bytes }),
        }
    }
}

impl From<WorkList> for WorkListView {
    fn from(list: WorkList) -> Self {
        Self {
            instrument: list.instrument,
            samples: list.samples.into_iter().map(WorkView::from).collect(),
            dispatches: list.dispatches.into_iter().map(WaitingDispatch::from).collect(),
        }
    }
}

/// Agents ask again and again: an answer that they have is not sent once more.
async fn work_lists(
    _: May<DeliverMessages>,
    lis: web::Data<Lis>,
    req: HttpRequest,
    query: Asked<WorkListQuery>,
) -> Answer {
    let code = query.into_inner().instrument;
    let lists = lis.db.read(move |conn| actions::work_lists(conn, code.as_deref())).await?;
    let listed = Listed::whole(lists.into_iter().map(WorkListView::from).collect());
    let body = serde_json::to_vec(&listed).map_err(Fault::broken)?;
    let tag = format!("\"{}\"", hex::encode(Sha256::digest(&body)));
    let known = req.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()) == Some(tag.as_str());
    if known {
        return Ok(HttpResponse::NotModified().insert_header((ETAG, tag)).finish());
    }
    Ok(HttpResponse::Ok().insert_header((ETAG, tag)).content_type("application/json").body(body))
}
