//! What the fuzz targets share: how an input is read, the signers, and what must hold of every diagnosis.

pub mod answers;
pub mod diagnosis;
pub mod input;
pub mod secrets;
pub mod signers;
