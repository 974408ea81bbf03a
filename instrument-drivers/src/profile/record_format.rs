//! In which way the records of a message are written.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordFormat {
    Astm,
    Hl7,
    Vidas,
}
