//! How a question is read: an object is an object, a name stands once, and broken JSON is broken somewhere.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::domain::decimal::Decimal;

/// Fields by their names alone. Left to itself the reader takes a list for an object too, in the order in which the program
/// happens to keep its fields.
pub(super) struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields(PhantomData))
    }
}

struct Fields<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Object)
    }
}

/// A list of objects.
pub(super) fn objects<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let objects = Vec::<Object<T>>::deserialize(deserializer)?;
    Ok(objects.into_iter().map(|Object(one)| one).collect())
}

/// An object that must be there, or `null`.
pub(super) fn object_or_null<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Ok(Option::<Object<T>>::deserialize(deserializer)?.map(|Object(one)| one))
}

/// Numbers by their names. A name that stands twice has two values, and the later one must not win in silence.
pub(super) fn named_once<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, Decimal>, D::Error> {
    deserializer.deserialize_map(NamedOnce)
}

struct NamedOnce;

impl<'de> Visitor<'de> for NamedOnce {
    type Value = BTreeMap<String, Decimal>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut named = BTreeMap::new();
        while let Some((name, value)) = map.next_entry::<String, Decimal>()? {
            if named.contains_key(&name) {
                return Err(A::Error::custom(format!("\"{name}\" is given twice")));
            }
            named.insert(name, value);
        }
        Ok(named)
    }
}

/// Which character of the text the reader of JSON stumbled over; the first one is 1. The reader counts bytes of a line.
pub(super) fn place(text: &str, problem: &serde_json::Error) -> usize {
    let before: usize = text.split_inclusive('\n').take(problem.line().saturating_sub(1)).map(str::len).sum();
    let end = text.len().min(before + problem.column());
    String::from_utf8_lossy(&text.as_bytes()[..end]).chars().count()
}
