//! Places and names: what every pass needs and nothing else. Imports no other module.

mod files;
mod span;

pub use files::{FileId, Files, LineColumn};
pub use span::Span;

/// An identifier or a short text. Words of up to 23 bytes are stored in place, so copying one does not allocate.
pub type Name = smol_str::SmolStr;
