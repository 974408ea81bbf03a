//! Transition tables as data: what the reference page prints is read from the same `after` that the program asks.

/// A state or an event: its code, and the key of its word in the message files.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Named {
    pub code: &'static str,
    pub word: String,
}

impl Named {
    pub fn new(code: &'static str, word: impl Into<String>) -> Self {
        Self { code, word: word.into() }
    }
}

/// One possible step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    pub from: Named,
    pub event: Named,
    pub to: Named,
}

/// The life of one kind of thing: every state, and every step that is possible.
#[derive(Clone, Debug)]
pub struct StateTable {
    /// The key of its name in the message files.
    pub entity: &'static str,
    pub states: Vec<Named>,
    pub steps: Vec<Step>,
}

/// Asks every pair of state and event.
pub fn table<S: Copy, E: Copy>(
    entity: &'static str,
    (states, state_named): (&[S], impl Fn(S) -> Named),
    (events, event_named): (&[E], impl Fn(E) -> Named),
    after: impl Fn(S, E) -> Option<S>,
) -> StateTable {
    let mut steps = Vec::new();
    for from in states {
        for event in events {
            if let Some(to) = after(*from, *event) {
                steps.push(Step { from: state_named(*from), event: event_named(*event), to: state_named(to) });
            }
        }
    }
    StateTable { entity, states: states.iter().map(|state| state_named(*state)).collect(), steps }
}
