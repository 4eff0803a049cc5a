// The losses of both students' networks, and their gradients with respect to the networks' results.

__device__ __forceinline__ float4 colors_of(uchar4 bytes) {
  constexpr float kScale = 2.0f / 255.0f;
  return {bytes.x * kScale - 1, bytes.y * kScale - 1, bytes.z * kScale - 1, bytes.w * kScale - 1};
}

/// The rest image of a frame with the face in its place, of float4.
struct FacedImage {
  __device__ FacedImage(const TeacherFrameStore& teacher, int frame)
      : image(reinterpret_cast<const float4*>(teacher.image)),
        face(static_cast<const uchar4*>(teacher.faces) +
             static_cast<size_t>(frame) * teacher.face_size * teacher.face_size),
        store(teacher) {}
  __device__ float4 at(int x, int y) const {
    const int face_x = x - store.face_x, face_y = y - store.face_y;
    const unsigned size = store.face_size;
    if (static_cast<unsigned>(face_x) < size && static_cast<unsigned>(face_y) < size) {
      return colors_of(face[face_y * store.face_size + face_x]);
    }
    return image[y * store.size + x];
  }
  const float4* image;
  const uchar4* face;
  const TeacherFrameStore& store;
};

/// A bilinear sample, and how it changes with the position in pixels.
struct Sample {
  __device__ Sample(const FacedImage& image, float x, float y) {
    const int size = image.store.size;
    const float limit = static_cast<float>(size - 1);
    const float free_column = ((x + 1) * static_cast<float>(size) - 1) / 2;
    const float free_row = ((y + 1) * static_cast<float>(size) - 1) / 2;
    const float column = fminf(fmaxf(0.0f, free_column), limit);
    const float row = fminf(fmaxf(0.0f, free_row), limit);
    moves_x = column == free_column;
    moves_y = row == free_row;
    const int left = static_cast<int>(column), top = static_cast<int>(row);
    const int right = min(left + 1, size - 1), bottom = min(top + 1, size - 1);
    const float u = column - static_cast<float>(left), v = row - static_cast<float>(top);
    const float4 a = image.at(left, top), b = image.at(right, top);
    const float4 c = image.at(left, bottom), d = image.at(right, bottom);
    const auto mix = [](float p, float q, float fraction) { return p + fraction * (q - p); };
    const auto all = [&](int i, float p, float q, float r, float s) {
      const float above = mix(p, q, u), under = mix(r, s, u);
      color[i] = mix(above, under, v);
      along_x[i] = mix(q - p, s - r, v);
      along_y[i] = under - above;
    };
    all(0, a.x, b.x, c.x, d.x);
    all(1, a.y, b.y, c.y, d.y);
    all(2, a.z, b.z, c.z, d.z);
    all(3, a.w, b.w, c.w, d.w);
  }
  float color[4], along_x[4], along_y[4];
  bool moves_x, moves_y;
};

/// What the teacher made of one pixel; nothing where no tile is kept.
struct TeacherPixel {
  __device__ TeacherPixel(const TeacherFrameStore& store, int frame, int x, int y) {
    constexpr int kPixels = kTileSide * kTileSide;
    const int across = store.size / kTileSide;
    const int tile = __ldg(store.tiles + (frame * across + y / kTileSide) * across + x / kTileSide);
    is_kept = tile >= 0;
    if (!is_kept) return;
    const unsigned char* const bytes =
        store.chunks[tile / kChunkTiles] + static_cast<size_t>(tile % kChunkTiles) * kTileBytes;
    const int at = y % kTileSide * kTileSide + x % kTileSide;
    flow = unpack_half(reinterpret_cast<const unsigned*>(bytes)[at]);
    direct = colors_of(reinterpret_cast<const uchar4*>(bytes + 4 * kPixels)[at]);
    alpha = bytes[8 * kPixels + at] / 255.0f;
  }
  bool is_kept;
  float2 flow{0, 0};
  float4 direct{-1, -1, -1, -1};
  float alpha = 0;
};

__device__ __forceinline__ float sign(float value) {
  return value > 0 ? 1.0f : value < 0 ? -1.0f : 0.0f;
}

/// Adds four numbers of each of the block's 256 threads, and writes the sums.
__device__ void write_sums(const float (&values)[4], float* sums) {
  __shared__ float of_warps[8][4];
  for (int i = 0; i < 4; ++i) {
    float value = values[i];
#pragma unroll
    for (int distance = 16; distance > 0; distance /= 2) {
      value += __shfl_down_sync(0xffffffffu, value, distance);
    }
    if (threadIdx.x % 32 == 0) of_warps[threadIdx.x / 32][i] = value;
  }
  __syncthreads();
  if (threadIdx.x < 4) {
    float sum = 0;
    for (int i = 0; i < 8; ++i) sum += of_warps[i][threadIdx.x];
    sums[threadIdx.x] = sum;
  }
}

/// Writes the gradients of up to 8 results, as the first of 16 shuffled channels.
__device__ __forceinline__ void write_gradient(void* of_results, int pixel, const float (&gradient)[8]) {
  uint4* const to = static_cast<uint4*>(of_results) + static_cast<size_t>(pixel) * 2;
  to[0] = {pack_bfloat(gradient[0], gradient[1]), 0, pack_bfloat(gradient[2], gradient[3]), 0};
  to[1] = {pack_bfloat(gradient[4], gradient[5]), 0, pack_bfloat(gradient[6], gradient[7]), 0};
}

/// Adds the errors of a warp's pixels to those of their cells, as whole numbers: any order gives the same
/// sums. All threads of the warp take part; \p cell is -1 where there is nothing to add.
__device__ __forceinline__ void add_to_cells(unsigned long long* cells, int cell, float error) {
  constexpr float kMax = 4, kUnits = 65536;
  const unsigned same = __match_any_sync(0xffffffffu, cell);
  const unsigned sum = __reduce_add_sync(same, __float2uint_rn(fminf(error, kMax) * kUnits));
  if (cell < 0 || threadIdx.x % 32 != __ffs(same) - 1) return;
  atomicAdd(cells + 2 * cell, static_cast<unsigned long long>(sum));
  atomicAdd(cells + 2 * cell + 1, static_cast<unsigned long long>(__popc(same)));
}

extern "C" __global__ void __launch_bounds__(256) body_loss(const BodyLoss loss) {
  int cell = -1;
  float error = 0;
  const int pixel = blockIdx.x * 256 + threadIdx.x;
  const int pixels = loss.at.count * loss.at.size * loss.at.size;
  float sums[4] = {};
  if (pixel < pixels) {
    const PixelPlace place(loss.at, pixel);
    const int frame = loss.at.windows[place.window].frame;
    const FacedImage image(loss.teacher, frame);
    const TeacherPixel teacher(loss.teacher, frame, place.x, place.y);
    const float4* const results =
        reinterpret_cast<const float4*>(loss.results) + static_cast<size_t>(pixel) * 2;
    const float4 low = results[0], high = results[1];
    const bool is_frame = loss.draws_frame;
    const float flow[2] = {is_frame ? 0 : low.x, is_frame ? 0 : low.y}, alpha = is_frame ? 1 : low.z;
    const float direct[4] = {is_frame ? low.x : low.w, is_frame ? low.y : high.x, is_frame ? low.z : high.y,
                             is_frame ? low.w : high.z};
    const float x = centre_of(place.x, loss.at.resolution), y = centre_of(place.y, loss.at.resolution);
    const Sample warped(image, x + flow[0], y + flow[1]);
    const Sample expected(image, x + teacher.flow.x, y + teacher.flow.y);
    const float teacher_direct[4] = {teacher.direct.x, teacher.direct.y, teacher.direct.z, teacher.direct.w};

    const SirenStep step = *loss.step;
    const float fraction = 1.0f / static_cast<float>(loss.step_pixels);
    float gradient[8] = {};
    float along[2] = {};
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const float blended = warped.color[i] + alpha * (direct[i] - warped.color[i]);
      const float target = expected.color[i] + teacher.alpha * (teacher_direct[i] - expected.color[i]);
      const float of_warped = warped.color[i] - expected.color[i];
      const float of_direct = direct[i] - (loss.direct_is_blended ? target : teacher_direct[i]);
      sums[1] += fabsf(of_warped);
      sums[2] += fabsf(of_direct);
      sums[3] += fabsf(blended - target);
      const float of_final = blended - target;
      const float to_blended = fraction / 4 * (step.final * sign(of_final) + 2 * step.squared * of_final);
      const float to_warped = step.warped * fraction / 4 * sign(of_warped) + (1 - alpha) * to_blended;
      gradient[3 + i] = step.direct * fraction / 4 * sign(of_direct) + alpha * to_blended;
      gradient[2] += to_blended * (direct[i] - warped.color[i]);
      along[0] += to_warped * warped.along_x[i];
      along[1] += to_warped * warped.along_y[i];
    }
    const float of_flow[2] = {teacher.is_kept ? flow[0] - teacher.flow.x : 0,
                              teacher.is_kept ? flow[1] - teacher.flow.y : 0};
    sums[0] = fabsf(of_flow[0]) + fabsf(of_flow[1]);
    const float pixels_of_flow = static_cast<float>(loss.teacher.size) / 2;
    gradient[0] =
        step.flow * fraction / 2 * sign(of_flow[0]) + (warped.moves_x ? along[0] * pixels_of_flow : 0);
    gradient[1] =
        step.flow * fraction / 2 * sign(of_flow[1]) + (warped.moves_y ? along[1] * pixels_of_flow : 0);
    if (is_frame) {
#pragma unroll
      for (int i = 0; i < 8; ++i) gradient[i] = i < 4 ? gradient[3 + i] : 0;
    }
    write_gradient(loss.of_results, pixel, gradient);
    error = sums[3] / 4;
    // A quarter of the rows is enough of a sample.
    if (place.y % 4 == 0) {
      cell = frame * loss.frame_cells + place.y / loss.cell_pixels * loss.cells + place.x / loss.cell_pixels;
    }
    const float means[4] = {fraction / 2, fraction / 4, fraction / 4, fraction / 4};
#pragma unroll
    for (int i = 0; i < 4; ++i) sums[i] *= means[i];
  }
  if (loss.cell_errors != nullptr) add_to_cells(loss.cell_errors, cell, error);
  write_sums(sums, loss.losses + 4 * blockIdx.x);
}

extern "C" __global__ void __launch_bounds__(256) face_loss(const FaceLoss loss) {
  const int pixel = blockIdx.x * 256 + threadIdx.x;
  const int pixels = loss.at.count * loss.at.size * loss.at.size;
  float sums[4] = {};
  if (pixel < pixels) {
    const PixelPlace place(loss.at, pixel);
    const int frame = loss.at.windows[place.window].frame, size = loss.teacher.face_size;
    const uchar4* const face =
        static_cast<const uchar4*>(loss.teacher.faces) + static_cast<size_t>(frame) * size * size;
    const float4 target = colors_of(face[place.y * size + place.x]);
    const float4 made = reinterpret_cast<const float4*>(loss.results)[static_cast<size_t>(pixel) * 2];
    const float differences[4] = {made.x - target.x, made.y - target.y, made.z - target.z, made.w - target.w};
    const float mask = loss.mask[place.y * size + place.x];
    const float fraction = 0.25f / static_cast<float>(loss.step_pixels);
    float gradient[8] = {};
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      sums[0] += fraction * fabsf(differences[i]);
      sums[1] += fraction * mask * fabsf(differences[i]);
      gradient[i] = fraction * (1 + loss.step->masked * mask) *
                    (sign(differences[i]) + 2 * loss.step->squared * differences[i]);
    }
    write_gradient(loss.of_results, pixel, gradient);
  }
  write_sums(sums, loss.losses + 4 * blockIdx.x);
}

extern "C" __global__ void __launch_bounds__(256) loss_sum(const LossSum all) {
  float sums[4] = {};
  for (int i = threadIdx.x; i < all.blocks; i += 256) {
    for (int j = 0; j < 4; ++j) sums[j] += all.losses[4 * i + j];
  }
  __shared__ float totals[4];
  write_sums(sums, totals);
  __syncthreads();
  if (threadIdx.x < 4) all.sums[threadIdx.x] += totals[threadIdx.x];
}
