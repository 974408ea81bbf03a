//! What is to be done at an instrument, as the laboratory's worksheets say it. Samples are known by the codes on their
//! containers and by nothing else.

use serde::{Deserialize, Serialize};

/// What waits for one instrument.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkList {
    /// The instrument's code in the laboratory.
    pub instrument: String,
    pub samples: Vec<Work>,
    /// What a person has sent and nobody has said of yet how it went.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dispatches: Vec<Dispatch>,
}

/// A worksheet that a person sends to the instrument now: its orders, or its sequence file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispatch {
    pub id: i64,
    /// The orders, whether the instrument has them already or not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub samples: Vec<Work>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<DispatchedFile>,
}

/// A file for the folder from which the instrument's software takes its work lists.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DispatchedFile {
    pub name: String,
    /// Base64, standard alphabet with padding.
    pub bytes: String,
}

/// What is to be measured of one container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// The code on the container, or of a control on its worksheet.
    pub label_code: String,
    /// As the instrument calls them.
    pub tests: Vec<String>,
    /// Analytes for which nobody has said yet what the instrument calls them.
    #[serde(default)]
    pub unnamed: Vec<String>,
    /// Tests that were to be done and are wanted no more, as the instrument calls them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cancelled: Vec<String>,
}

impl WorkList {
    pub fn of(&self, label_code: &str) -> Option<&Work> {
        self.samples.iter().find(|work| work.label_code == label_code)
    }
}
