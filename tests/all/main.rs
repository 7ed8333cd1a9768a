//! Every test that looks at feedsieve from outside.

mod mapped;
mod oracle;
mod product;
mod property;
