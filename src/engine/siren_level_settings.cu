// One level of a SIREN, from positions to its results, without a number between its layers leaving the
// multiprocessor.
//
// A warp takes 16 or 32 pixels through all layers. What the tensor cores give of two neighbouring groups of 8
// outputs lies in just the registers in which they take 16 inputs, so that what a thread writes of a layer is
// what it reads for the next one: nothing is exchanged between threads. Products are of float16, sums and the
// sines' arguments of float32. The few results that make up pixels are sums of products with twice the digits
// of float16: flow is counted in pixels, and a thousandth of the frame is half a pixel.
//
// Weights are read by all warps of a block at a time, from shared memory: the whole level's where they fit,
// or else in chunks, which arrive while the chunks before them are used. Loops over outputs stay loops: code
// that is run once for each pixel would be waited for longer than it runs.
//
// Where four warps multiply together (`wgmma`, compute capability 9.0), they take 64 pixels, and weights go
// from shared memory to the tensor cores without passing through registers, once for the four of them.
//
// The text of the program is this file, early_launches.cu, body_pixels.cu, tensor_cores.cu, siren_outputs.cu,
// weight_ring.cu and siren_layers.cu or else siren_warpgroups.cu, siren_first_layer.cu, siren_pixels.cu and
// siren_level.cu, one after the other. What is constant for a network comes as macros:
//   SINE_WIDTHS    outputs of each sine layer, as a list
//   RESULTS        outputs of the linear layer behind them
//   CHUNK_OFFSETS  where each chunk of weights begins, in bytes, and where the last one ends
//   CHUNK_STEPS    steps of 16 outputs in a chunk; of a team of four, of 16 inputs
//   STAGES         chunks that shared memory has room for; 0: all of them
//   BLOCK_WIDTH    1: a thread has a block of 1x2 pixels, 2: of 2x2
//   WARPS          of a thread block
//   TEAM_WARPS     that take a layer together: 1, or 4 where siren_warpgroups.cu is a part
//   POSE_SIZE      parameters of a pose that the first layer reads
//   KEPT_STEPS     steps of 16 sines of the widest layer that is read by another one, in shared memory; 0:
//                  they stay in registers
//   BIASES         of the layers after the first, each padded to whole chunks
//   HAS_MAP        whether the first layer adds samples of a map
//   SHARES_CELLS   whether the pixels of a block lie between the same four cells of the map, which has half
//                  the resolution
//   MAP_COLUMNS    cells of a row of the map that a team's tile is sampled from, where they come through
//                  shared memory, which shares cells; 0: they are read where they are
//   MAP_STRIDE     numbers of a cell of the map
//   OUTPUT         0: a map, 1: colours, 2: flow, alpha and colours of a body rotator, 3: the frame's colours

using namespace tha4::kernels;

constexpr int kWidths[] = {SINE_WIDTHS};
constexpr int kSineLayers = sizeof(kWidths) / sizeof(int);
constexpr int kResults = RESULTS;
constexpr int kChunkSteps = CHUNK_STEPS;
constexpr int kStages = STAGES;
constexpr int kBlockWidth = BLOCK_WIDTH;
constexpr int kPixels = 2 * kBlockWidth;  // of a thread's block, and as many as the rows that it has
constexpr int kWarps = WARPS;
constexpr int kThreads = 32 * kWarps;
constexpr int kBlocksOfWarp = 8;
constexpr int kTeamWarps = TEAM_WARPS;
constexpr int kTeams = kWarps / kTeamWarps;
constexpr int kBlocksOfTeam = kBlocksOfWarp * kTeamWarps;

constexpr int kTileWidth = kBlockWidth * kBlocksOfTeam;  // of tiles that have their cells of the map together
constexpr int kMapBytes = MAP_COLUMNS == 0 ? 0 : kTeams * (2 * MAP_COLUMNS * MAP_STRIDE * 4 + 16);

constexpr bool kIsMap = OUTPUT == 0;
constexpr int kResultSums = kTeamWarps == 1 ? 1 : 3;  // that do not wait for each other

__device__ constexpr int steps_of(int features) {
  return (features + 15) / 16;
}
constexpr int kFirstPadded = 16 * steps_of(kWidths[0]);
constexpr int kFirstUnrolled = KEPT_STEPS == 0 ? steps_of(kWidths[0]) : 3;
constexpr int kLastSteps = steps_of(kWidths[kSineLayers - 1]);
