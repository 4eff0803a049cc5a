// Patches of what a convolution of maps on tensor cores reads, in shared memory: see map_inputs.cu.

/// A thread's part of the patches: 8 channels of pixels, which it first reads and later writes.
class Patch {
 public:
  __device__ Patch(const MapConvolution& work, const Place& place) : work_(work) { move(place); }

  __device__ __forceinline__ void move(const Place& place) {
    place_ = place;
    find_pixels(0);
  }

  /// Begins the copies of \p chunk. Which of this thread's pixels are within the map, a bit each.
  /// \param to  the address of the patch in shared memory
  __device__ __forceinline__ unsigned copy(unsigned to, const Chunk& chunk) {
    static_assert(kParts <= 32);
    if (kQuarters > 1) find_pixels(chunk.quarter);
    unsigned there = 0;
#pragma unroll
    for (int i = 0; i < kParts; ++i) {
      const int pixel = first_pixel() + i * kPixelsAtOnce;
      const bool is_there = pixels_[i] >= 0;
      there |= static_cast<unsigned>(is_there) << i;
      const unsigned vector_of_image = is_there ? pixels_[i] * chunk.pixel_step + vector() : 0;
      if (pixel < kPatchPixels)
        copy_or_clear(address_of(to, pixel), chunk.values + vector_of_image, is_there);
    }
    return there;
  }

  /// Makes of what copy() has copied what a convolution sees. Several pixels are on their way at a time.
  /// \param line  the first channel's
  __device__ static __forceinline__ void activate_copies(unsigned to, const float2* line, unsigned there) {
    constexpr int kTogether = 3;
    float2 own[8];
#pragma unroll
    for (int i = 0; i < 8; ++i) own[i] = line[vector() * 8 + i];
#pragma unroll
    for (int first = 0; first < kParts; first += kTogether) {
      uint4 values[kTogether];
#pragma unroll
      for (int i = 0; i < kTogether; ++i) {
        if (first + i < kParts) values[i] = load_shared(address_of_part(to, first + i));
      }
#pragma unroll
      for (int i = 0; i < kTogether; ++i) {
        if (first + i >= kParts) continue;
        const uint4 result = activated(values[i], own);
        if ((there >> (first + i) & 1) != 0) store_shared(address_of_part(to, first + i), result);
      }
    }
  }

  __device__ __forceinline__ void fetch(const Chunk& chunk) {
    if (kQuarters > 1) find_pixels(chunk.quarter);
    chunk_ = chunk;
    if (HALVES) return;
#pragma unroll
    for (int i = 0; i < kParts; ++i) {
      values_[i] = pixels_[i] < 0 ? uint4{0, 0, 0, 0} : at(pixels_[i]);
    }
  }

  /// Writes what was fetched last.
  /// \param to  the address of the patch in shared memory
  __device__ __forceinline__ void store(unsigned to, const float2* lines) {
    write<false>(to, lines, chunk_, false);
  }

  /// The same, and fetches \p next, if there is one, as soon as there is room for it.
  __device__ __forceinline__ void store_and_fetch(unsigned to, const float2* lines, const Chunk& next,
                                                  bool has_next) {
    write<true>(to, lines, next, has_next);
  }

 private:
  static constexpr int kPixelsAtOnce = kPatchThreads / kVectors;
  static constexpr int kParts = (kPatchPixels + kPixelsAtOnce - 1) / kPixelsAtOnce;

  template <bool Fetches>
  __device__ __forceinline__ void write(unsigned to, const float2* lines, const Chunk& next, bool has_next) {
    const bool is_plain = chunk_.is_skipped || work_.gammas == nullptr;
    float2 own[8];
    if (!is_plain) {
#pragma unroll
      for (int i = 0; i < 8; ++i) own[i] = lines[chunk_.line + vector() * 8 + i];
    }
    constexpr bool kFetchesEach = Fetches && !HALVES && kQuarters == 1;
    if (kFetchesEach) chunk_ = next;
#pragma unroll
    for (int i = 0; i < kParts; ++i) {
      const int pixel = first_pixel() + i * kPixelsAtOnce;
      if (pixel >= kPatchPixels) continue;
      uint4 values{0, 0, 0, 0};
      if (pixels_[i] >= 0) {
        if (HALVES) {
          values = mean(pixels_[i], own, is_plain);
        } else {
          const uint4 fetched = values_[i];
          if (kFetchesEach && has_next) values_[i] = at(pixels_[i]);
          values = is_plain ? fetched : activated(fetched, own);
        }
      }
      store_shared(address_of(to, pixel), values);
    }
    if (Fetches && !kFetchesEach && has_next) fetch(next);
  }

  /// Of 2x2 results that read a pixel, or of 2x2 pixels that a result reads, those below and to the right see
  /// what is one further on.
  __device__ __forceinline__ void find_pixels(int quarter) {
    constexpr bool kTwice = HALVES || kQuarters > 1;
    const int below = TAPS == 4 ? 1 - place_.kind / 2 : quarter / 2;
    const int right = TAPS == 4 ? 1 - place_.kind % 2 : quarter % 2;
    const int from_y = place_.y - (TAPS == 9 ? 1 : kTapsOfInput == 4 ? below : 0);
    const int from_x = place_.x - (TAPS == 9 ? 1 : kTapsOfInput == 4 ? right : 0);
    const int height = kTwice ? work_.height / 2 : work_.height,
              width = kTwice ? work_.width / 2 : work_.width;
#pragma unroll
    for (int i = 0; i < kParts; ++i) {
      const int pixel = first_pixel() + i * kPixelsAtOnce;
      const int y = from_y + pixel / kPatchWidth, x = from_x + pixel % kPatchWidth;
      const bool is_there = pixel < kPatchPixels && y >= 0 && y < height && x >= 0 && x < width;
      const int place = kTwice ? 2 * y * work_.width + 2 * x : y * work_.width + x;
      pixels_[i] = is_there ? place + quarter / 2 * work_.width + quarter % 2 : -1;
    }
  }

  __device__ static int vector() {
    return patch_thread() % kVectors;
  }
  __device__ static int first_pixel() {
    return patch_thread() / kVectors;
  }

  __device__ static unsigned address_of(unsigned patch, int pixel) {
    return patch + (vector() * kPlane + pixel) * 16;
  }

  /// Of a part beyond the patch, the first one's.
  __device__ static unsigned address_of_part(unsigned patch, int part) {
    const int pixel = first_pixel() + part * kPixelsAtOnce;
    return address_of(patch, pixel < kPatchPixels ? pixel : first_pixel());
  }

  __device__ __forceinline__ uint4 at(int pixel) const {
    return chunk_.values[static_cast<size_t>(pixel) * chunk_.pixel_step + vector()];
  }

  __device__ static __forceinline__ float2 activated(unsigned pair, const float2& low, const float2& high) {
    float2 values = unpack(pair);
    values.x = values.x * low.x + low.y;
    values.y = values.y * high.x + high.y;
    return after_activation(values, static_cast<MapActivation>(ACTIVATION));
  }

  __device__ static __forceinline__ unsigned activated_pair(unsigned pair, const float2* own) {
    const float2 values = activated(pair, own[0], own[1]);
    return pack(values.x, values.y);
  }

  __device__ static __forceinline__ uint4 activated(const uint4& values, const float2 (&own)[8]) {
    return {activated_pair(values.x, own), activated_pair(values.y, own + 2),
            activated_pair(values.z, own + 4), activated_pair(values.w, own + 6)};
  }

  __device__ __forceinline__ void add(float (&sums)[8], const uint4& values, const float2 (&own)[8],
                                      bool is_plain) const {
    const unsigned pairs[] = {values.x, values.y, values.z, values.w};
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const float2 pair = is_plain ? unpack(pairs[i]) : activated(pairs[i], own[2 * i], own[2 * i + 1]);
      sums[2 * i] += pair.x;
      sums[2 * i + 1] += pair.y;
    }
  }

  /// Of 2x2 pixels.
  __device__ __forceinline__ uint4 mean(int pixel, const float2 (&own)[8], bool is_plain) const {
    const uint4 values[] = {at(pixel), at(pixel + 1), at(pixel + work_.width), at(pixel + work_.width + 1)};
    float sums[8] = {};
#pragma unroll
    for (int i = 0; i < 4; ++i) add(sums, values[i], own, is_plain);
    return {pack(sums[0] / 4, sums[1] / 4), pack(sums[2] / 4, sums[3] / 4), pack(sums[4] / 4, sums[5] / 4),
            pack(sums[6] / 4, sums[7] / 4)};
  }

  const MapConvolution& work_;
  Place place_;
  Chunk chunk_;
  int pixels_[kParts];  // -1 beyond the map
  uint4 values_[HALVES ? 1 : kParts];
};
