//! The log as a page: every act, newest first, filtered by object or person.

use actix_web::web;
use askama::Template;
use serde::Deserialize;

use super::shown::{Change, changes_of, reads_in_full};
use super::store::{self, Filter};
use super::verify::StoredEntry;
use super::words;
use crate::accounts::May;
use crate::accounts::actions::names_of;
use crate::accounts::role::ReadLog;
use crate::app::Lis;
use crate::domain::clock::Moment;
use crate::domain::ids::PersonId;
use crate::web::language::Language;
use crate::web::routes::Routes;
use crate::web::ui::Choice;
use crate::web::{Answer, Ui, page};

pub fn routes() -> Routes {
    Routes::new().get("/log", log)
}

/// Acts on one page.
const PAGE_ROWS: i64 = 50;

#[derive(Deserialize, Default)]
#[serde(default)]
struct LogQuery {
    kind: String,
    id: String,
    actor: String,
    before: String,
}

#[derive(Template)]
#[template(path = "audit/pages/log.html")]
struct LogPage {
    ui: Ui,
    acts: Vec<Act>,
    kinds: Vec<Choice>,
    kind: String,
    id: String,
    actor: String,
    next: String,
}

async fn log(by: May<ReadLog>, ui: Ui, lis: web::Data<Lis>, query: web::Query<LogQuery>) -> Answer {
    let LogQuery { kind, id, actor, before } = query.into_inner();
    let given = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
    let filter = Filter {
        object_kind: given(&kind),
        object_id: id.trim().parse().ok(),
        actor: given(&actor),
        before: before.parse().ok(),
    };
    let (names, mut rows) = lis
        .db
        .read(move |conn| {
            let rows = store::entries(conn, &filter, PAGE_ROWS + 1)?;
            let people: Vec<PersonId> = rows.iter().filter_map(|(_, entry)| person_of(&entry.actor)).collect();
            Ok((names_of(conn, &people)?, rows))
        })
        .await?;
    let more = rows.len() as i64 > PAGE_ROWS;
    rows.truncate(PAGE_ROWS as usize);
    let next = match rows.last() {
        Some((position, _)) if more => {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs([("kind", &kind), ("id", &id), ("actor", &actor)])
                .append_pair("before", &position.to_string())
                .finish();
            format!("/log?{query}")
        }
        _ => String::new(),
    };
    let in_full = reads_in_full(&by);
    let language = ui.language;
    let named = |act: Act| Act {
        name: person_of(&act.actor)
            .and_then(|id| names.get(&id).cloned())
            .unwrap_or_else(|| words::actor(language, &act.actor)),
        role: words::role(language, &act.role),
        object: words::kind(language, &act.object_kind),
        event: words::event(language, &act.event),
        changes: act
            .changes
            .into_iter()
            .map(|one| Change {
                field: words::field(language, &one.field),
                old: words::value(language, &act.object_kind, &one.field, &one.old),
                new: words::value(language, &act.object_kind, &one.field, &one.new),
            })
            .collect(),
        ..act
    };
    let acts = rows.into_iter().map(|(position, entry)| named(act(position, entry, in_full))).collect();
    let kinds = kinds(language, &kind);
    page(&LogPage { ui, acts, kinds, kind, id, actor, next }, false)
}

/// The kinds of objects to choose from, by their words; one that was asked for and is none of them stays, so that the filter
/// says what it does.
fn kinds(language: Language, asked: &str) -> Vec<Choice> {
    let asked = asked.trim();
    let other = (!asked.is_empty() && !words::KINDS.contains(&asked)).then_some(asked);
    let mut kinds: Vec<Choice> = words::KINDS
        .iter()
        .copied()
        .chain(other)
        .map(|code| Choice { value: code.to_owned(), label: words::kind(language, code), chosen: false })
        .collect();
    kinds.sort_by(|one, next| one.label.cmp(&next.label));
    kinds
}

/// One act.
#[derive(Clone, Debug)]
struct Act {
    position: i64,
    at: Moment,
    /// `person:ID`, or a part of the program.
    actor: String,
    /// The person's, or what the part of the program is called; as in the log for a person who is erased.
    name: String,
    role: String,
    device: String,
    object_kind: String,
    object_id: i64,
    /// What its kind is called.
    object: String,
    event: String,
    changes: Vec<Change>,
    /// What was written is not for the reader.
    withheld: bool,
}

impl Act {
    fn is_program(&self) -> bool {
        person_of(&self.actor).is_none()
    }
}

/// The person of an actor; none for a part of the program.
fn person_of(actor: &str) -> Option<PersonId> {
    actor.strip_prefix("person:")?.parse().ok().map(PersonId)
}

/// A stored entry as an act.
fn act(position: i64, entry: StoredEntry, in_full: bool) -> Act {
    let changes = changes_of(&entry, in_full);
    Act {
        position,
        at: entry.at,
        actor: entry.actor,
        name: String::new(),
        role: entry.role,
        device: entry.device,
        object_kind: entry.object_kind,
        object_id: entry.object_id,
        object: String::new(),
        event: entry.event,
        withheld: changes.is_none(),
        changes: changes.unwrap_or_default(),
    }
}
