//! `random_state`: where the seed of a walk comes from.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyFloat;

use super::scalars::whole_number;
use crate::python::exceptions::wrong_type;

/// Where the seed comes from.
#[derive(Debug)]
pub enum RandomState {
    /// The operating system, anew at each fit.
    Fresh,
    /// The user.
    Seed(u64),
    /// One draw from a NumPy Generator at each fit.
    Generator(Py<PyAny>),
}

impl RandomState {
    /// Checks the argument.
    pub fn parse(value: Option<Bound<'_, PyAny>>) -> PyResult<RandomState> {
        let Some(value) = value.filter(|value| !value.is_none()) else {
            return Ok(RandomState::Fresh);
        };
        let generator = value.py().import("numpy.random")?.getattr("Generator")?;
        // By its type, not by the `__class__` that it shows.
        if value.get_type().is_subclass(&generator)? {
            return Ok(RandomState::Generator(value.unbind()));
        }
        let expected = "None, a whole number of at least 0, or a numpy.random.Generator such as \
                        numpy.random.default_rng(seed)";
        let is_number = value.is_instance_of::<PyFloat>() || value.hasattr("__index__")?;
        if !is_number {
            return Err(wrong_type("random_state", expected, &value));
        }
        whole_number("random_state", &value, 0, u64::MAX).map(RandomState::Seed)
    }

    /// The seed of a fit.
    pub fn draw(&self, py: Python<'_>) -> PyResult<u64> {
        match self {
            RandomState::Seed(seed) => Ok(*seed),
            RandomState::Fresh => py.import("secrets")?.call_method1("randbits", (64,))?.extract(),
            RandomState::Generator(generator) => {
                let bytes: Vec<u8> = generator.call_method1(py, "bytes", (8,))?.extract(py)?;
                let bytes = <[u8; 8]>::try_from(bytes)
                    .map_err(|_| PyValueError::new_err("the generator gave no 8 bytes"))?;
                Ok(u64::from_le_bytes(bytes))
            }
        }
    }
}
