//! Who may see what and when. [`portal`]: an enterprise's own pages. It sees its entrusted samples with their progress and its
//! reports after issue; of supervision samples it sees what was served on it, and before that not even that there is a
//! sample (`workflow.md` 13). [`authority`]: the reports on what an authority had sampled.

pub mod authority;
pub mod portal;
