//! The types of number that an array may hold, and how each becomes an `f32` or `f64`.

/// The type of the numbers of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    Bool,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    F16,
    F32,
    F64,
}

/// Evaluates `$body` with the type `$number` standing for that of `$element`.
macro_rules! with_number {
    ($element:expr, $number:ident => $body:expr) => {{
        use $crate::number::{self, Element};
        $crate::number::with_number!(@each $element, $number => $body;
            Bool number::Bool, I8 i8, I16 i16, I32 i32, I64 i64, U8 u8, U16 u16, U32 u32, U64 u64,
            F16 number::Half, F32 f32, F64 f64)
    }};
    (@each $element:expr, $number:ident => $body:expr; $($variant:ident $type:ty),*) => {
        match $element {
            $(Element::$variant => {
                type $number = $type;
                $body
            })*
        }
    };
}
pub(crate) use with_number;

impl Element {
    /// Bytes of one number.
    pub fn size(self) -> usize {
        with_number!(self, N => <N as Number>::SIZE)
    }
}

/// A number as it lies in memory.
pub trait Number: Copy {
    /// Bytes of one.
    const SIZE: usize;
    /// The number in the first [`SIZE`](Self::SIZE) of these bytes, in the byte order of this
    /// machine, or the other one if `SWAPPED`. Panics if there are fewer.
    fn read<const SWAPPED: bool>(bytes: &[u8]) -> Self;
    /// The nearest single.
    fn as_f32(self) -> f32;
    /// The nearest double.
    fn as_f64(self) -> f64;
}

macro_rules! impl_number {
    ($($number:ty),*) => {$(
        impl Number for $number {
            const SIZE: usize = size_of::<$number>();
            #[inline(always)]
            fn read<const SWAPPED: bool>(bytes: &[u8]) -> Self {
                let mut bytes = *bytes.first_chunk().expect("a whole number");
                if SWAPPED {
                    bytes.reverse();
                }
                <$number>::from_ne_bytes(bytes)
            }
            #[inline(always)]
            fn as_f32(self) -> f32 {
                self as f32
            }
            #[inline(always)]
            fn as_f64(self) -> f64 {
                self as f64
            }
        }
    )*};
}
impl_number!(i8, i16, i32, i64, u8, u16, u32, u64, f32, f64);

/// A truth value: a byte, of which only 0 is false.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bool(u8);

impl Number for Bool {
    const SIZE: usize = 1;
    #[inline(always)]
    fn read<const SWAPPED: bool>(bytes: &[u8]) -> Self {
        Bool(bytes[0])
    }
    #[inline(always)]
    fn as_f32(self) -> f32 {
        f32::from(u8::from(self.0 != 0))
    }
    #[inline(always)]
    fn as_f64(self) -> f64 {
        f64::from(u8::from(self.0 != 0))
    }
}

/// A half precision number (IEEE 754 binary16).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Half(u16);

impl Number for Half {
    const SIZE: usize = 2;
    #[inline(always)]
    fn read<const SWAPPED: bool>(bytes: &[u8]) -> Self {
        Half(u16::read::<SWAPPED>(bytes))
    }

    /// Without a branch, so that a row of them is converted by vector code: exponent and fraction
    /// move to their places in a single, whose exponent is then too small by 127 − 15. The product
    /// with 2¹¹² mends that, of subnormal numbers too, and is exact.
    #[inline(always)]
    fn as_f32(self) -> f32 {
        const SCALE: f32 = f32::from_bits((127 + 112) << 23); // 2¹¹²
        const INFINITE: u32 = 0x7c00;
        let bits = u32::from(self.0);
        let (sign, size) = ((bits & 0x8000) << 16, bits & 0x7fff);
        let finite = (f32::from_bits(size << 13) * SCALE).to_bits();
        let infinite_or_nan = (size << 13) | 0x7f80_0000;
        f32::from_bits(sign | if size < INFINITE { finite } else { infinite_or_nan })
    }

    #[inline(always)]
    fn as_f64(self) -> f64 {
        f64::from(self.as_f32())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_half_is_itself() {
        for bits in 0..=u16::MAX {
            let (sign, exponent, fraction) =
                (bits >> 15, i32::from(bits >> 10) & 31, f64::from(bits & 1023));
            let size = match exponent {
                0 => fraction * 2.0f64.powi(-24),
                31 if fraction == 0.0 => f64::INFINITY,
                31 => f64::NAN,
                _ => (1024.0 + fraction) * 2.0f64.powi(exponent - 25),
            };
            let expected = if sign == 1 { -size } else { size };
            let half = Half(bits);
            for got in [half.as_f64(), f64::from(half.as_f32())] {
                assert!(got.to_bits() == expected.to_bits() || (got.is_nan() && size.is_nan()));
            }
        }
    }

    #[test]
    fn bytes_in_either_order() {
        let bytes = 0x1234_5678_i32.to_ne_bytes();
        assert_eq!(i32::read::<false>(&bytes), 0x1234_5678);
        assert_eq!(i32::read::<true>(&bytes), 0x7856_3412);
        assert_eq!(f64::read::<true>(&1.5f64.to_bits().swap_bytes().to_ne_bytes()), 1.5);
        assert_eq!(u8::read::<true>(&[7, 9]), 7);
        assert_eq!(Bool::read::<false>(&[2]).as_f64(), 1.0);
        assert_eq!(u64::MAX.as_f64(), 2.0f64.powi(64));
    }
}
