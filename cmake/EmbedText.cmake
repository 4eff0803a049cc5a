# tha4_embed_text(TARGET FILE): lets TARGET's sources include "STEM_text.h", which holds the text of FILE, whose name
# without its suffix is STEM, as tha4::texts::STEM.
set(THA4_EMBED_TEMPLATE "${CMAKE_CURRENT_LIST_DIR}/embedded_text.h.in")

function(tha4_embed_text target file)
  get_filename_component(THA4_EMBEDDED_NAME "${file}" NAME_WE)
  file(READ "${file}" THA4_EMBEDDED_TEXT)
  configure_file("${THA4_EMBED_TEMPLATE}" "${CMAKE_CURRENT_BINARY_DIR}/embedded/${THA4_EMBEDDED_NAME}_text.h" @ONLY)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
  target_include_directories(${target} PRIVATE "${CMAKE_CURRENT_BINARY_DIR}/embedded")
endfunction()
