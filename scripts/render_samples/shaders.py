"""GLSL sources of the renderer.

Light: one key light with a soft shadow, a dome of soft directions whose shadow maps share one texture, and a fill.
"""

SOFT_DIRECTIONS = 5
KEY_TAPS = 5

SURFACE_VERTEX = """#version 330
in vec3 position; in vec3 normal; in vec3 rest; in vec3 colour; in float cover;
uniform mat4 clip_from_world;
out vec3 world; out vec3 facing; out vec3 pattern; out vec3 base; out float inside;
void main() {
  world = position; facing = normal; pattern = rest; base = colour; inside = cover;
  gl_Position = clip_from_world * vec4(position, 1.0);
}
"""

_SURFACE_INPUTS = f"""#version 330
#define SOFT {SOFT_DIRECTIONS}
#define TAPS {KEY_TAPS}
in vec3 world; in vec3 facing; in vec3 pattern; in vec3 base; in float inside;
out vec4 result;
uniform int material; uniform float gloss; uniform float roughness; uniform float folds;
uniform vec3 eye; uniform vec3 key_direction; uniform vec3 key_colour; uniform vec3 fill;
uniform mat4 key_from_world; uniform sampler2DShadow key_map; uniform float softness;
uniform mat4 soft_from_world[SOFT]; uniform vec3 soft_direction[SOFT]; uniform vec3 soft_colour[SOFT];
uniform vec4 soft_tile[SOFT]; uniform sampler2DShadow soft_map; uniform sampler2D albedo;
"""

_SURFACE_MAIN = """
float hash(vec3 p) { p = fract(p * 0.3183099 + 0.1) * 17.0; return fract(p.x * p.y * p.z * (p.x + p.y + p.z)); }
float noise(vec3 x) {
  vec3 i = floor(x), f = fract(x); f = f * f * (3.0 - 2.0 * f);
  return mix(mix(mix(hash(i), hash(i + vec3(1, 0, 0)), f.x),
                 mix(hash(i + vec3(0, 1, 0)), hash(i + vec3(1, 1, 0)), f.x), f.y),
             mix(mix(hash(i + vec3(0, 0, 1)), hash(i + vec3(1, 0, 1)), f.x),
                 mix(hash(i + vec3(0, 1, 1)), hash(i + vec3(1, 1, 1)), f.x), f.y), f.z);
}
float octaves(vec3 p) { return 0.55 * noise(p) + 0.3 * noise(p * 2.03) + 0.15 * noise(p * 4.1); }

void main() {
  if (inside < 0.0) discard;
  vec3 to_eye = normalize(eye - world), n = normalize(facing);
  if (dot(n, to_eye) < 0.0) n = -n;
  vec3 paint = base; float shine = gloss;
  if (material == 1) {
    float blotch = octaves(pattern * 9.0);
    paint *= mix(vec3(0.93, 0.90, 0.88), vec3(1.06, 1.02, 1.0), blotch * 1.1); shine *= 0.6 + 0.8 * blotch;
  } else if (material == 2) {
    paint *= 0.86 + 0.28 * octaves(pattern * vec3(14, 14, 6));
    vec3 p = pattern * vec3(11, 11, 7);
    vec3 fold = vec3(octaves(p + 3.0), octaves(p + 11.0), octaves(p + 19.0)) - 0.5;
    n = normalize(n + 0.9 * folds * fold);
  } else if (material == 3) paint *= texture(albedo, world.xy * 0.5).rgb;
  else if (material == 4) paint *= texture(albedo, world.xz * 0.5).rgb;
  else if (material == 5) paint *= 0.6 + 0.8 * noise(vec3(pattern.xy * 240.0, pattern.z * 25.0));
  else if (material == 6) paint *= 0.92 + 0.16 * noise(world * 30.0);
  else if (material == 7) paint = texture(albedo, world.xz * 0.5).rgb;

  float facing_key = max(dot(n, key_direction), 0.0), lit = 0.0;
  vec3 k = (key_from_world * vec4(world + n * 0.006, 1.0)).xyz * 0.5 + 0.5;
  float turn = 6.2831 * fract(52.9829189 * fract(dot(gl_FragCoord.xy, vec2(0.06711056, 0.00583715))));
  for (int i = 0; i < TAPS; i++) {
    float r = sqrt((float(i) + 0.5) / float(TAPS)), a = turn + float(i) * 2.399963;
    lit += texture(key_map, vec3(k.xy + r * vec2(cos(a), sin(a)) * softness, k.z - 0.0014));
  }
  lit /= float(TAPS);
  vec3 light = key_colour * facing_key * lit + fill * (0.7 + 0.3 * n.z);
  for (int i = 0; i < SOFT; i++) {
    float towards = dot(n, soft_direction[i]);
    if (towards <= 0.0) continue;
    vec3 q = (soft_from_world[i] * vec4(world + n * 0.012, 1.0)).xyz * 0.5 + 0.5;
    q.xy = clamp(q.xy, 0.003, 0.997) * soft_tile[i].zw + soft_tile[i].xy;
    light += soft_colour[i] * towards * texture(soft_map, vec3(q.xy, q.z - 0.003));
  }
  if (material == 1)  // light that seeps through skin
    light += key_colour * lit * vec3(0.10, 0.035, 0.02) * (1.0 - facing_key)
             * smoothstep(-0.35, 0.25, dot(n, key_direction));
  vec3 halfway = normalize(key_direction + to_eye);
  float power = 2.0 / (roughness * roughness) - 1.0;
  float fresnel = 0.04 + 0.96 * pow(1.0 - max(dot(to_eye, halfway), 0.0), 5.0);
  vec3 mirror = key_colour * lit * facing_key * shine * pow(max(dot(n, halfway), 0.0), power)
                * (power + 8.0) / 25.0 * fresnel * 6.0;
  mirror += fill * shine * 0.8 * pow(1.0 - max(dot(n, to_eye), 0.0), 4.0);
  result = vec4(paint * light + mirror, 1.0);
}
"""

SURFACE_FRAGMENT = _SURFACE_INPUTS + _SURFACE_MAIN

SHADOW_VERTEX = """#version 330
in vec3 position; uniform mat4 clip_from_world;
void main() { gl_Position = clip_from_world * vec4(position, 1.0); }
"""

SHADOW_FRAGMENT = """#version 330
void main() {}
"""

TONE_VERTEX = """#version 330
in vec2 corner; out vec2 place;
void main() { place = corner * 0.5 + 0.5; gl_Position = vec4(corner, 0.0, 1.0); }
"""

TONE_FRAGMENT = """#version 330
in vec2 place; out vec4 result; uniform sampler2D image; uniform float exposure; uniform vec2 texel;
vec3 film(vec3 x) { return clamp(x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14), 0.0, 1.0); }
vec3 developed(vec2 where) {
  vec3 s = texture(image, where).rgb * exposure;
  float bright = dot(s, vec3(0.25, 0.6, 0.15));
  return pow(mix(film(s), s / max(bright, 1e-4) * film(vec3(bright)), 0.35), vec3(1.0 / 2.2));
}
void main() {
  vec3 c = vec3(0.0);
  for (int i = 0; i < 2; i++) for (int j = 0; j < 2; j++)
    c += 0.25 * developed(place + 0.75 * (vec2(i, j) - 0.5) * texel);
  c = mix(vec3(dot(c, vec3(0.3, 0.59, 0.11))), c, 0.86);
  vec2 off = place - 0.5;
  result = vec4(clamp(c, 0.0, 1.0) * (1.0 - 0.35 * dot(off, off)), 1.0);
}
"""
