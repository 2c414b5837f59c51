/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Eight 64-bit words side by side: all that the lane kernels know of the
 * machine. With AVX-512 IFMA one instruction each; without, plain C that says
 * what the instructions do, for tools that cannot run them (valgrind,
 * clang-tidy) and to prove the one by the other.
 */
#ifndef SP_CRYPTO_V8_H
#define SP_CRYPTO_V8_H

#include <stddef.h>
#include <stdint.h>

#define V8_LANES 8u
#define V8_INLINE static inline __attribute__((always_inline, unused))

#ifdef __AVX512IFMA__
#include "crypto/v8_ifma.h"
#else
#include "crypto/v8_model.h"
#endif

/*
 * What is built of these must be one straight line of code to stay in
 * registers; where that is no use it only costs the compiler minutes.
 */
#if defined(__AVX512IFMA__) && !defined(__SANITIZE_ADDRESS__) && \
	!defined(__SANITIZE_THREAD__)
#define LANE_INLINE V8_INLINE
#define LANE_UNROLL _Pragma("GCC unroll 6") /* columns of three blocks */
#else
#define LANE_INLINE static __attribute__((noinline, unused))
#define LANE_UNROLL
#endif

#endif
