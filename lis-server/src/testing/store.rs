//! Queries of testing, nothing else; each kind of row has its own file in `store/`.

mod authorizations;
mod confirmed;
mod entries;
mod items;
mod lots;
mod results;
mod worksheets;

pub use authorizations::*;
pub use confirmed::*;
pub use entries::*;
pub use items::*;
pub use lots::*;
pub use results::*;
pub use worksheets::*;
