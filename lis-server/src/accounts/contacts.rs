//! What other rooms ask about people: their names, who has a role, where they want mail.

use std::collections::HashMap;

use super::role::Role;
use super::store::{self, PersonRow};
use crate::db::Conn;
use crate::domain::identifiers::RegionCode;
use crate::domain::ids::{EnterpriseId, PersonId};
use crate::domain::refusal::Outcome;
use crate::web::language::Language;

/// Names of people, for pages and reports of other rooms.
pub fn names_of(conn: &mut Conn, ids: &[PersonId]) -> Outcome<HashMap<PersonId, String>> {
    Ok(store::names_of(conn, ids)?.into_iter().collect())
}

/// The active people who have a role, with their names, in order of name.
pub fn people_with_role(conn: &mut Conn, role: Role) -> Outcome<Vec<(PersonId, String)>> {
    people_with_roles(conn, &[role])
}

/// The same of several roles, everybody once; one statement.
pub fn people_with_roles(conn: &mut Conn, roles: &[Role]) -> Outcome<Vec<(PersonId, String)>> {
    Ok(store::people_with_roles(conn, roles)?)
}

/// Where a person wants mail, and in which language.
#[derive(Clone, Debug)]
pub struct Contact {
    pub person: PersonId,
    pub email: String,
    pub language: Language,
}

/// The active people of enterprises who can get mail.
pub fn contacts_of_enterprises(conn: &mut Conn, enterprises: &[EnterpriseId]) -> Outcome<Vec<Contact>> {
    Ok(contacts(store::people_of_enterprises(conn, enterprises)?))
}

/// Those of these people who are active and can get mail.
pub fn contacts_of(conn: &mut Conn, people: &[PersonId]) -> Outcome<Vec<Contact>> {
    Ok(contacts(store::active_people(conn, people)?))
}

/// Those of these people who are active and can get mail, by username.
pub fn ids_of_mailed(conn: &mut Conn, usernames: &[String]) -> Outcome<HashMap<String, PersonId>> {
    let people = store::active_by_username(conn, usernames)?;
    Ok(people.into_iter().filter(|one| !one.email.is_empty()).map(|one| (one.username, one.id)).collect())
}

/// The regulators of exactly this region who can get mail.
pub fn contacts_of_region(conn: &mut Conn, region: &RegionCode) -> Outcome<Vec<Contact>> {
    Ok(contacts(store::regulators_of_region(conn, region.as_str())?))
}

fn contacts(people: Vec<PersonRow>) -> Vec<Contact> {
    people
        .into_iter()
        .filter(|person| !person.email.is_empty())
        .map(|person| Contact {
            person: person.id,
            language: Language::parse(&person.language).unwrap_or_default(),
            email: person.email,
        })
        .collect()
}
