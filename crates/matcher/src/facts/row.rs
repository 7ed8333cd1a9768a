//! The fields of a row beside one another, under the names of their columns.

use super::{Beside, Fact, Facts, side};

/// A row of which the fields that may say a fact were looked at.
#[derive(Debug, Default)]
pub(crate) struct Row(Beside);

impl Row {
    /// Takes the text of a column for the fact that it was judged to hold.
    pub(crate) fn offer(&mut self, said: (Fact, usize), name: &str, text: &str) {
        self.0.offer(said, name, text);
    }

    /// The facts beside what stands in the column called `name`.
    pub(super) fn facts(&self, name: &str, is_addr: bool) -> Facts {
        let port = self.0.port_of(name);
        Facts { port, side: side(name, is_addr), ..self.0.facts.clone() }
    }
}
