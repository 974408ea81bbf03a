//! People, how they sign in, what an administrator does, what a program may do with a token.

mod api;
mod doors;
mod erasing;
mod people;
mod sign_in;
mod signing;
mod tokens;
