//! How long the names may be with which a message is kept here and travels to the server.

/// Characters of an instrument's code, of an agent's name, and of a file's path below its folder (Linux takes 4,096 bytes).
pub const CODE_MOST: usize = 32;
pub const AGENT_MOST: usize = 60;
pub const FILE_NAME_MOST: usize = 4_096;

/// Whether a name has 1 to so many printable characters, as the server demands of codes and agents.
pub fn is_name(text: &str, most: usize) -> bool {
    let length = text.chars().count();
    (1..=most).contains(&length) && !text.chars().any(char::is_control)
}
