//! Who may see what and when. Here: an enterprise's own pages. It sees its entrusted samples with their progress and its
//! reports after issue; of supervision samples it sees what was served on it, and before that not even that there is a
//! sample (`workflow.md` 13).

pub mod portal;
