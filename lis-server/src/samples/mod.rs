pub const PROBLEMS: &[crate::domain::refusal::Problem] = &[];
pub fn routes() -> crate::web::routes::Routes { crate::web::routes::Routes::new() }
