//! The two floating-point types that the walks run in.

use std::fmt::{Debug, Display};

use num_traits::{Float, FloatConst, NumAssign};

use crate::number::{Element, Number};

/// `f32` or `f64`: the type of X, θ and the gradient. Losses are always summed in `f64`.
pub trait Real:
    Float + FloatConst + NumAssign + Default + Debug + Display + Send + Sync + 'static
{
    /// This type, as arrays name it.
    const ELEMENT: Element;
    /// The nearest value of this type; overflow becomes an infinity.
    fn from_f64(value: f64) -> Self;
    /// The same value, exactly.
    fn as_f64(self) -> f64;
    /// The number in these bytes, in the byte order of this machine. Panics if they are too few.
    fn from_ne_bytes(bytes: &[u8]) -> Self;
    /// The nearest value of this type to a number of an array.
    fn from_number<N: Number>(number: N) -> Self;
}

impl Real for f32 {
    const ELEMENT: Element = Element::F32;
    #[inline(always)]
    fn from_f64(value: f64) -> Self {
        value as f32
    }
    #[inline(always)]
    fn as_f64(self) -> f64 {
        f64::from(self)
    }
    #[inline(always)]
    fn from_ne_bytes(bytes: &[u8]) -> Self {
        Self::from_ne_bytes(*bytes.first_chunk().expect("a whole number"))
    }
    #[inline(always)]
    fn from_number<N: Number>(number: N) -> Self {
        number.as_f32()
    }
}

impl Real for f64 {
    const ELEMENT: Element = Element::F64;
    #[inline(always)]
    fn from_f64(value: f64) -> Self {
        value
    }
    #[inline(always)]
    fn as_f64(self) -> f64 {
        self
    }
    #[inline(always)]
    fn from_ne_bytes(bytes: &[u8]) -> Self {
        Self::from_ne_bytes(*bytes.first_chunk().expect("a whole number"))
    }
    #[inline(always)]
    fn from_number<N: Number>(number: N) -> Self {
        number.as_f64()
    }
}
