//! Every test that looks at feedsieve from outside.

mod long;
mod mapped;
mod oracle;
mod product;
